"""How a job moves on by the words of its station: pure (L01, N01, 1.6 FirmwareManagement).

The station's latest word wins, for it knows best: a late InstallationFailed undoes what a boot seemed to prove, and a
download that failed is on its way again when the station says so. Words may come in any order (TC_080).
"""

from models import JobState

IDLE = "Idle"
"""Nothing is going on; said of no job in particular (quirk 81: even with a made-up requestId)."""

_DONE = frozenset({"Installed", "Uploaded", "Published"})
_FAILED = frozenset(
    {
        "DownloadFailed",
        "InstallationFailed",
        "InstallVerificationFailed",
        "InvalidSignature",
        "InvalidChecksum",
        "PublishFailed",
        "UploadFailed",
        "UploadFailure",
        "BadMessage",
        "NotSupportedOperation",
        "PermissionDenied",
    }
)
_CANCELLED = frozenset({"AcceptedCanceled"})
_BEGINNINGS = frozenset({"Downloading", "DownloadScheduled", "Uploading"})
_TAKEN = frozenset({"", "Accepted", "AcceptedCanceled", "Scheduled"})


def is_beginning(word: str) -> bool:
    """Whether the word tells of a job that starts, so that it belongs to none that has ended."""
    return word in _BEGINNINGS


def state_at_answer(status: str) -> JobState:
    """State of a job once the station has answered the request; 1.6 answers some without a status."""
    return JobState.RUNNING if status in _TAKEN else JobState.FAILED


def cancels_others(status: str) -> bool:
    """Whether the answer says that the job before it was given up for this one (L_10, N_36)."""
    return status in _CANCELLED


def state_after(state: str, word: str) -> JobState:
    """State of a job after a notification."""
    if word in _DONE:
        return JobState.DONE
    if word in _CANCELLED:
        return JobState(state) if state == JobState.DONE else JobState.CANCELLED
    if word in _FAILED:
        return JobState.CANCELLED if state == JobState.CANCELLED else JobState.FAILED
    if state == JobState.FAILED and word in _BEGINNINGS:
        return JobState.RUNNING
    return JobState(state)


def proved_by_boot(version_before: str, version_now: str) -> bool:
    """Whether a boot shows that an update took place, though nobody may have told of its end (quirk 70)."""
    return bool(version_before and version_now and version_before != version_now)
