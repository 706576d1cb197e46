"""How much power a station may use and when: charging profiles, limits from outside, composite schedules."""
