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
)
