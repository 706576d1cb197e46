"""Labels in a tenant's brand, for the page that prints them and for the API (csms.api.resources.labels)."""

import asyncio
from collections.abc import Sequence

from csms.config import Settings
from csms.stations.label_sheet import FORMS, LabelBrand, label_sheet
from csms.stations.labels import LabelRow
from csms.tenants.directory import TenantInfo
from csms.tenants.main_host import main_host_of
from pages.web.visit import brand_of

_one_at_a_time = asyncio.Semaphore(1)
"""Setting two thousand labels takes a core for seconds; the next print waits."""


async def print_labels(settings: Settings, tenant: TenantInfo, rows: Sequence[LabelRow], form: str) -> bytes:
    """The PDF. `form` is one of csms.stations.label_sheet.FORMS."""
    brand = brand_of(tenant)
    printed = LabelBrand(brand.app_name, brand.logo_svg, tenant.support_phone)
    address = settings.address_of(main_host_of(tenant))
    async with _one_at_a_time:
        return await asyncio.to_thread(label_sheet, rows, FORMS[form], printed, address)
