"""What may be done to settings."""

from kehu_chassis.records import Operation
from kehu_chassis.records.system_settings import SettingRow

CHANGE = Operation("change_setting", SettingRow, "setting:update")
