"""OCPP 2.0.1: what answers teach of transactions."""

from csms.gateway.asking import Asked, both
from csms.gateway.v201.smart_charging import learn_start
from csms.transactions.told import link_remote_start, note_told
from csms.work import Work


async def learn_status(work: Work, asked: Asked) -> None:
    """How a transaction stands (E14); asked without an id, the answer is about the station's queue alone."""
    ocpp_id = asked.payload.get("transactionId")
    if ocpp_id:
        ongoing, queued = asked.answer.get("ongoingIndicator"), asked.answer.get("messagesInQueue", False)
        await note_told(work, asked.ref, ocpp_id, ongoing=ongoing, queued=queued, at=asked.at)


async def learn_begun(work: Work, asked: Asked) -> None:
    """F01: the cable was in first, and its transaction is the one that the remote start authorizes."""
    ocpp_id, remote_start_id = asked.answer.get("transactionId"), asked.payload.get("remoteStartId")
    if asked.answer.get("status") == "Accepted" and ocpp_id and isinstance(remote_start_id, int):
        await link_remote_start(work, asked.ref, ocpp_id, remote_start_id)


LESSONS = {
    "GetTransactionStatus": learn_status,
    "RequestStartTransaction": both(learn_start, learn_begun),
}
