"""User-facing texts that several features share."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    labels={
        "field": {
            "department_id": ("Department", "部门"),
            "display_name": ("Name", "姓名"),
            "email": ("E-mail", "电子邮箱"),
            "enabled": ("Enabled", "启用"),
            "industries": ("Industries", "负责行业"),
            "locale": ("Language", "语言"),
            "must_change_password": ("Must change password", "须修改密码"),
            "name": ("Name", "名称"),
            "password": ("Password", "密码"),
            "permissions": ("Permissions", "权限"),
            "phone": ("Phone", "电话"),
            "regions": ("Regions", "负责地区"),
            "roles": ("Roles", "角色"),
            "service": ("Service", "服务"),
            "username": ("User name", "用户名"),
        },
    },
)
