"""What may be done to saved views: everybody changes only their own."""

from kehu_auth.features.saved_views import rules
from kehu_auth.features.saved_views.models import SavedView
from kehu_chassis.records import Operation

_ALL = "authenticated"
UPDATE = Operation("update_saved_view", SavedView, _ALL, allowed=rules.is_own, fields=rules.FIELDS)
DELETE = Operation("delete_saved_view", SavedView, _ALL, allowed=rules.is_own)
SHARE = Operation("share_saved_view", SavedView, "saved-view:share", allowed=rules.is_own)
UNSHARE = Operation("unshare_saved_view", SavedView, _ALL, allowed=rules.is_own)
MAKE_DEFAULT = Operation("make_saved_view_default", SavedView, _ALL)
REMOVE_DEFAULT = Operation("remove_saved_view_default", SavedView, _ALL)
