"""Verbs of smart charging, gathered from files of their own; each is called inside a unit of work."""

from csms.smart_charging.imposing import LimitNotice, limit_cleared, limit_notified
from csms.smart_charging.installing import (
    ProfileSent,
    end_finished,
    profile_sent,
    profiles_cleared,
    transaction_began,
)
from csms.smart_charging.reconciling import Reported
from csms.smart_charging.reporting import profiles_reported, report_asked, report_planned
from csms.smart_charging.schedules import ScheduleAnswer, ToldSchedule, schedule_answered
from csms.smart_charging.scheduling import (
    ChargingPlan,
    ev_schedule_reported,
    needs_answered,
    needs_reported,
    needs_waiting,
    plan_charging,
)

__all__ = [
    "ChargingPlan",
    "LimitNotice",
    "ProfileSent",
    "Reported",
    "ScheduleAnswer",
    "ToldSchedule",
    "end_finished",
    "ev_schedule_reported",
    "limit_cleared",
    "limit_notified",
    "needs_answered",
    "needs_reported",
    "needs_waiting",
    "plan_charging",
    "profile_sent",
    "profiles_cleared",
    "profiles_reported",
    "report_asked",
    "report_planned",
    "schedule_answered",
    "transaction_began",
]
