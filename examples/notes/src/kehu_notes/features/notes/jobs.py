"""Making notes findable that an earlier release indexed."""

from kehu_chassis.runtime import search_index
from kehu_notes.features.notes.models import Note

JOBS = [search_index.job("index-notes", Note)]
