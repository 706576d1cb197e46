"""Settings that steer charging and do not go together, in words for an operator: pure (DS_65)."""

from collections.abc import Mapping

from csms.stations.values import list_in, number_in, tidy_value, truth_in

_ENDS_WITH_THE_DRIVER = frozenset({"Authorized", "EVConnected", "PowerPathClosed", "ParkingBayOccupancy"})


def doubtful_settings(values: Mapping[str, str]) -> list[str]:
    """Sentences about combinations that lose energy, sessions or the station itself.

    `values` are by "Component.Variable[instance]" for 2.x, by key for 1.6. What is not known is not doubted.
    """
    return [
        *_about_transactions(values),
        *_about_invalid_tokens(values),
        *_about_delivery(values),
        *_about_network(values),
    ]


def _about_transactions(values: Mapping[str, str]) -> list[str]:
    starts = set(list_in(values.get("TxCtrlr.TxStartPoint")))
    stops = set(list_in(values.get("TxCtrlr.TxStopPoint")))
    found: list[str] = []
    if stops and not stops & _ENDS_WITH_THE_DRIVER:
        found.append(
            f"TxStopPoint is {', '.join(sorted(stops))}: a session may stop while the vehicle is still connected and "
            "charging goes on uncounted. Add EVConnected or Authorized."
        )
    if starts == {"ParkingBayOccupancy"} and "ParkingBayOccupancy" not in stops and stops:
        found.append("TxStartPoint is ParkingBayOccupancy but TxStopPoint is not: sessions end before the bay is left.")
    return found


def _about_invalid_tokens(values: Mapping[str, str]) -> list[str]:
    stops = values.get("TxCtrlr.StopTxOnInvalidId", values.get("StopTransactionOnInvalidId"))
    allowance = values.get("TxCtrlr.MaxEnergyOnInvalidId", values.get("MaxEnergyOnInvalidId"))
    if truth_in(stops) is False and not number_in(allowance):
        return [
            "A session goes on although its card was refused, and MaxEnergyOnInvalidId sets no end: energy is given "
            "away. Let the station stop on invalid ids, or limit the energy."
        ]
    return []


def _about_delivery(values: Mapping[str, str]) -> list[str]:
    attempts = values.get("OCPPCommCtrlr.MessageAttempts[TransactionEvent]", values.get("TransactionMessageAttempts"))
    if attempts is not None and number_in(attempts) == 0:
        return ["The station never repeats a transaction message (attempts 0): sessions get lost. Set it to 3 or more."]
    return []


def _about_network(values: Mapping[str, str]) -> list[str]:
    priority = list_in(values.get("OCPPCommCtrlr.NetworkConfigurationPriority"))
    active = tidy_value(values.get("OCPPCommCtrlr.ActiveNetworkProfile"))
    if priority and active and active not in priority:
        return [
            f"The station is connected by network profile {active}, which NetworkConfigurationPriority "
            f"({', '.join(priority)}) does not list: it may not come back after a reboot."
        ]
    return []
