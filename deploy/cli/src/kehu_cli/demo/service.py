"""Plays a service request with a bad and a good round."""

from typing import Any

from kehu_cli.demo.display import Display
from kehu_cli.demo.figures import Figures
from kehu_cli.demo.people import Staff
from kehu_cli.demo.waiting import post_when_known

REQUESTS = "/service-desk/requests"


def play(customer: dict[str, Any], staff: Staff, figures: Figures, display: Display) -> Any:
    """Let a complaint be handled, rejected, handled again and archived; return the request."""
    agent, director = staff.service_agent, next(iter(staff.directors.values()))
    with display.task("service request handled in two rounds"):
        created = post_when_known(
            agent,
            REQUESTS,
            {
                "customer_id": customer["id"],
                "type": "complaint",
                "summary": "Delivery was incomplete",
                "description": "Two of ten boxes were missing.",
            },
        )
        path = f"{REQUESTS}/{created['id']}"
        post_when_known(director, f"{path}/assign", {"assignee_id": agent.id})
        agent.post(f"{path}/handle", {"handling": "Apologised by telephone"})
        bad = {"result": "The boxes are still missing", "satisfaction": 2}
        reopened = agent.post(f"{path}/feedback", bad)
        figures.compare("service request after satisfaction 2", "assigned", reopened["status"])
        agent.post(f"{path}/handle", {"handling": "Sent the missing boxes by express"})
        good = {"result": "All boxes arrived", "satisfaction": 5}
        archived = agent.post(f"{path}/feedback", good)
    figures.compare("service request after satisfaction 5", "archived", archived["status"])
    figures.compare("rounds of the service request", 2, archived["rounds"])
    rounds = staff.executive.get(f"{path}/rounds")["items"]
    kept = [one["satisfaction"] for one in rounds]
    figures.compare("satisfaction kept of each round", [2, 5], kept)
    return archived
