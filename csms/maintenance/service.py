"""Verbs of maintenance: jobs and reports that stations tell of by requestId, and what their displays show."""

from csms.maintenance.customers import delete_old_texts
from csms.maintenance.displays import (
    DisplayReport,
    forget_absent_messages,
    forget_message,
    store_messages,
)
from csms.maintenance.progress import (
    JobNews,
    JobRequest,
    begin_job,
    note_boot,
    note_progress,
    note_transaction_end,
    note_unpublished,
)
from csms.maintenance.reports import PartReport, ReportRequest, note_asked, receive_part

__all__ = [
    "DisplayReport",
    "JobNews",
    "JobRequest",
    "PartReport",
    "ReportRequest",
    "begin_job",
    "delete_old_texts",
    "forget_absent_messages",
    "forget_message",
    "note_asked",
    "note_boot",
    "note_progress",
    "note_transaction_end",
    "note_unpublished",
    "receive_part",
    "store_messages",
]
