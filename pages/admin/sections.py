"""Every page below /settings, in the order in which they are offered. A page adds itself here."""

from typing import Final

from pages.admin.section import Section

SECTIONS: Final[tuple[Section, ...]] = ()
