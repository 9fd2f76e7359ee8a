"""User-facing texts that several features share."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    labels={
        "field": {
            "as_of": ("As of", "截至日期"),
            "confirmed_by": ("Confirmed by", "确认人"),
            "currency": ("Currency", "币种"),
            "customer_id": ("Customer", "客户"),
            "customer_number": ("Customer number", "客户编号"),
            "email": ("E-mail", "电子邮箱"),
            "fax": ("Fax", "传真"),
            "industry": ("Industry", "行业"),
            "level": ("Level", "客户等级"),
            "manager_id": ("Account manager", "客户经理"),
            "manager_name": ("Account manager", "客户经理姓名"),
            "name": ("Name", "名称"),
            "number": ("Number", "编号"),
            "product_code": ("Product code", "产品编码"),
            "quantity": ("Quantity", "数量"),
            "reason_code": ("Reason code", "原因代码"),
            "region": ("Region", "地区"),
            "remark": ("Remark", "备注"),
            "tags": ("Tags", "标签"),
            "unit": ("Unit", "单位"),
            "without_manager": ("Without account manager", "无客户经理"),
        },
        "permission": {
            "customer:read": ("View customers", "查看客户"),
            "customer:reassign": (
                "Reassign customers and link sales codes",
                "调整客户经理和关联销售编码",
            ),
        },
    },
)
