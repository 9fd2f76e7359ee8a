"""User-facing texts about creating and deleting customers."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    problems={
        "customer-has-orders": (
            "A customer with orders cannot be deleted.",
            "已有订单的客户不能删除。",
        ),
        "customer-has-open-work": (
            "This customer has {requests:open service request|open service requests} and"
            " {opportunities:open opportunity|open opportunities}. End them first, or delete with"
            " allow_open_work.",
            "该客户尚有未结事项：服务请求 {requests}，销售机会 {opportunities}。"
            "请先处理，或以 allow_open_work 确认删除。",
        ),
        "duplicate-customer": (
            "A customer of this name or registration number already exists: {number}.",
            "已存在同名或同注册号的客户：{number}。",
        ),
    },
    labels={
        "field": {
            "last_ordered_on": ("Last order on", "最近下单日期"),
            "primary_contact_id": ("Primary contact", "主要联系人"),
            "warning_state": ("Churn warning", "流失预警"),
            "account_no": ("Bank account", "银行账号"),
            "address": ("Address", "地址"),
            "allow_duplicate": ("Allow duplicate", "允许重复"),
            "allow_open_work": ("Allow open work", "允许有未结事项"),
            "annual_turnover": ("Annual turnover", "年营业额"),
            "bank": ("Bank", "开户银行"),
            "capital_currency": ("Currency of capital", "注册资金币种"),
            "churn_months": ("Churn after (months)", "流失判定月数"),
            "city": ("City", "城市"),
            "contact_count": ("Contacts", "联系人数"),
            "country": ("Country", "国家"),
            "credit": ("Credit", "客户信用度"),
            "deleted_at": ("Deleted at", "删除时间"),
            "follow_status": ("Follow-up status", "跟进状态"),
            "is_prospect": ("Prospect", "潜在客户"),
            "keywords": ("Keywords", "关键词"),
            "legal_representative": ("Legal representative", "法定代表人"),
            "local_tax_no": ("Local tax number", "地税登记号"),
            "lost_at": ("Lost at", "流失时间"),
            "contacts": ("Contacts", "联系人"),
            "missing": ("Missing fields", "缺少的字段"),
            "ours": ("Our value", "本系统的值"),
            "parent_company": ("Parent company", "上级单位"),
            "phone": ("Phone", "电话"),
            "postcode": ("Postcode", "邮政编码"),
            "products": ("Products", "产品"),
            "province": ("Province", "省份"),
            "reactivated_at": ("Reactivated at", "恢复时间"),
            "reactivated_by": ("Reactivated by", "恢复人"),
            "reactivation_cause": ("Cause of return", "恢复方式"),
            "reactivation_reason": ("Reason for return", "恢复原因"),
            "referred_by": ("Referred by", "介绍人"),
            "registered_capital": ("Registered capital", "注册资金"),
            "registration_no": ("Registration number", "营业执照注册号"),
            "restricted": ("Restricted", "受限查看"),
            "sales": ("Sales system's value", "销售系统的值"),
            "sales_codes": ("Sales codes", "销售编码"),
            "sales_differences": ("Differences from the sales system", "与销售系统的差异"),
            "satisfaction": ("Satisfaction", "客户满意度"),
            "stage": ("Stage", "阶段"),
            "state_tax_no": ("State tax number", "国税登记号"),
            "warning_id": ("Churn warning", "流失预警"),
            "website": ("Website", "网址"),
            "Customer.name": ("Customer name", "客户名称"),
        },
        "permission": {
            "customer:export": ("Export customers", "导出客户"),
            "customer:create": ("Create customers", "新建客户"),
            "customer:update": ("Edit customers", "编辑客户"),
            "customer:delete": ("Delete and restore customers", "删除和恢复客户"),
            "customer:reactivate": ("Reactivate lost customers", "恢复流失客户"),
        },
    },
)
