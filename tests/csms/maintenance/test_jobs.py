"""How jobs move on by what stations say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csms.maintenance.jobs import is_beginning, proved_by_boot, state_after, state_at_answer
from models import JobState

WORDS = ["Idle", "Downloading", "Downloaded", "Installing", "InstallRebooting", "Installed", "InstallationFailed"]
WORDS += ["DownloadFailed", "AcceptedCanceled", "Uploading", "Uploaded", "UploadFailure", "Published", "VendorWord"]


@pytest.mark.parametrize(
    ("story", "state"),
    [
        (["Downloading", "Downloaded", "Installing", "Installed"], "done"),
        (["Installed", "InstallRebooting", "Installing"], "done"),  # TC_080: in any order
        (["Downloading", "DownloadFailed", "Downloading"], "running"),  # it tries again
        (["Downloading", "DownloadFailed", "Downloaded"], "failed"),
        (["AcceptedCanceled", "DownloadFailed"], "cancelled"),
        (["Uploaded", "AcceptedCanceled"], "done"),
        (["Installed", "InstallationFailed"], "failed"),  # the latest word wins
        (["Idle", "VendorWord"], "running"),
    ],
)
def test_a_story_ends_in_a_state(story: list[str], state: str) -> None:
    now: str = JobState.RUNNING
    for word in story:
        now = state_after(now, word)
    assert now == state


@given(st.sampled_from(list(JobState)), st.lists(st.sampled_from(WORDS)))
def test_any_words_lead_to_a_state_and_repetition_changes_nothing(state: JobState, words: list[str]) -> None:
    for word in words:
        after = state_after(state, word)
        assert after in JobState
        if not is_beginning(word):
            assert state_after(after, word) == after
        state = after


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("", "running"),
        ("Accepted", "running"),
        ("AcceptedCanceled", "running"),
        ("Scheduled", "running"),
        ("Rejected", "failed"),
        ("RevokedCertificate", "failed"),
    ],
)
def test_what_an_answer_begins(status: str, state: str) -> None:
    assert state_at_answer(status) == state


@pytest.mark.quirk(70)
def test_quirk_70_a_new_version_proves_an_update() -> None:
    assert proved_by_boot("1.0", "1.1")
    assert not any(proved_by_boot(*versions) for versions in (("1.0", "1.0"), ("", "1.1"), ("1.0", "")))
