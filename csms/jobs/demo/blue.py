"""Blue Wave: ten stations in Singapore."""

from csms.jobs.demo.scenery import (
    HYPER_300,
    RAPID_50,
    RAPID_150,
    WALL_7,
    WALL_22,
    PersonScene,
    Place,
    StationScene,
    TariffScene,
    TenantScene,
)

MALL = "Mall parking"

BLUE_WAVE = TenantScene(
    key="bluewave",
    name="Blue Wave",
    hostname="bluewave.localhost",
    currency="SGD",
    time_zone="Asia/Singapore",
    locale="en-SG",
    country="SGP",
    party="SG*BWV",
    map_centre=(1.3405, 103.8460, 11),
    places=(
        Place("MBS", "Marina Bay Sands", "10 Bayfront Avenue", "018956", "Singapore", 1.2834, 103.8607),
        Place("VIVO", "VivoCity", "1 HarbourFront Walk", "098585", "Singapore", 1.2644, 103.8223, MALL),
        Place("ION", "ION Orchard", "2 Orchard Turn", "238801", "Singapore", 1.3040, 103.8319, MALL),
        Place("ONEN", "Fusionopolis one-north", "1 Fusionopolis Way", "138632", "Singapore", 1.2993, 103.7876),
        Place("WGATE", "Westgate Jurong East", "3 Gateway Drive", "608532", "Singapore", 1.3343, 103.7428),
        Place("JEWEL", "Jewel Changi Airport", "78 Airport Boulevard", "819666", "Singapore", 1.3602, 103.9894),
    ),
    stations=(
        StationScene("MBS", RAPID_150, "2.0.1", 1.5),
        StationScene("MBS", WALL_22, "1.6", 1.1),
        StationScene("VIVO", WALL_22, "1.6", 1.2),
        StationScene("VIVO", WALL_7, "1.6", 0.9, ""),
        StationScene("ION", WALL_22, "2.0.1", 1.4),
        StationScene("ION", RAPID_50, "1.6", 1.0, "faulted"),
        StationScene("ONEN", WALL_7, "2.0.1", 0.8, "unavailable"),
        StationScene("WGATE", RAPID_50, "2.0.1", 1.0),
        StationScene("JEWEL", HYPER_300, "2.0.1", 1.3),
        StationScene("JEWEL", WALL_22, "1.6", 0.9, "offline"),
    ),
    tariffs=(
        TariffScene("Island AC", {"energy_per_kwh": "0.55"}, is_default=True),
        TariffScene(MALL, {"energy_per_kwh": "0.48", "per_minute": "0.05", "per_minute_after_min": 60}),
        TariffScene("Rapid DC", {"energy_per_kwh": "0.68"}, False, 50_000, earlier={"energy_per_kwh": "0.66"}),
        TariffScene("Ultra DC", {"energy_per_kwh": "0.76", "flat_fee": "0.80"}, for_power_from_w=300_000),
    ),
    people=(
        PersonScene("Grace Lim", "admin@bluewave.example", "admin", "blue-admin-demo"),
        PersonScene("Arjun Nair", "operator@bluewave.example", "operator", "blue-operator-demo"),
        PersonScene("Siti Rahman", "viewer@bluewave.example", "viewer", "blue-viewer-demo"),
    ),
    drivers=(
        "Tan Wei Ming", "Nur Aisyah", "Lim Jia Hui", "Rajesh Kumar", "Chloe Ng", "Muhammad Faris",
        "Wong Kai Xin", "Priya Menon", "Daniel Teo", "Goh Shu Fen", "Ethan Koh", "Farah Ismail",
        "Ong Zhi Hao", "Kavitha Raj", "Rachel Chua", "Benjamin Sim", "Lee Min Jun", "Amir Hakim",
        "Vanessa Yeo", "Samuel D'Souza",
    ),
)  # fmt: skip
