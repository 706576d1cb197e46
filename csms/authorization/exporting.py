"""All tokens as a table, as the import reads it."""

from datetime import datetime

from csms.access import audit
from csms.access.policy import Actor, Permission, require
from csms.authorization.queries import TokenEntry, TokenQuery, list_tokens
from csms.authorization.token_csv import MOST_ROWS, write_cards
from csms.work import Committer, Work
from models.db import Database


async def export_tokens(database: Database, committer: Committer, actor: Actor, at: datetime) -> str:
    """A CSV file of every token of the tenant in scope, by value; nothing in it runs in a spreadsheet. Audited. Raises
    PermissionDeniedError."""
    require(actor, Permission.TOKENS_VIEW)
    async with database.reading() as session:  # not in the unit of work: others would wait for so long a read
        query = TokenQuery(sort="value", descending=False, limit=MOST_ROWS)
        entries, _ = await list_tokens(session, query, at)

    def unit(work: Work) -> None:
        audit.record(work, actor, "token.export", f"{len(entries)} cards", at=at)

    await committer.run(unit)
    return write_cards(map(_cells, entries))


def _cells(entry: TokenEntry) -> tuple[object, ...]:
    row = entry.token
    about = (row.label, entry.driver, "", row.group, str(row.status))
    return (row.value, row.type, *about, row.valid_from, row.expires_at)
