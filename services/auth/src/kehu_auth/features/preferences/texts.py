"""User-facing texts about preferences."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    labels={
        "field": {
            "density": ("Density", "显示密度"),
            "preferences": ("Preferences", "个人偏好"),
            "shortcuts": ("Keyboard shortcuts", "键盘快捷键"),
            "theme": ("Theme", "主题"),
        },
        "preferences.theme": {
            "system": ("as the device", "跟随系统"),
            "light": ("light", "浅色"),
            "dark": ("dark", "深色"),
        },
        "preferences.density": {
            "comfortable": ("comfortable", "宽松"),
            "compact": ("compact", "紧凑"),
        },
    },
)
