"""User-facing texts about contacts."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    problems={
        "last-contact": (
            "The last contact of a customer cannot be deleted.",
            "客户的最后一个联系人不能删除。",
        ),
        "reports-in-circle": (
            "A contact cannot report to itself, directly or through others.",
            "联系人不能直接或间接向自己汇报。",
        ),
    },
    labels={
        "field": {
            "birthday": ("Birthday", "生日"),
            "category": ("Category", "类别"),
            "contact_consent": ("Consent to contact", "同意联系"),
            "department": ("Department", "部门"),
            "gender": ("Gender", "性别"),
            "is_primary": ("Primary contact", "主要联系人"),
            "mobile": ("Mobile", "手机"),
            "office_phone": ("Office phone", "办公电话"),
            "preferences": ("Preferences", "偏好"),
            "product_interest": ("Products of interest", "意向产品"),
            "reports_to_id": ("Reports to", "上级联系人"),
            "wechat": ("WeChat", "微信"),
            "Contact.name": ("Name", "姓名"),
            "Contact.title": ("Job title", "职位"),
        },
        "permission": {
            "contact:create": ("Add contacts", "新建联系人"),
            "contact:update": ("Edit contacts", "编辑联系人"),
            "contact:delete": ("Delete contacts", "删除联系人"),
        },
        "contact.gender": {
            "male": ("Male", "男"),
            "female": ("Female", "女"),
            "unknown": ("Not stated", "未说明"),
        },
    },
)
