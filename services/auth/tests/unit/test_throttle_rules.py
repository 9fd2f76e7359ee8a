"""When an attempt is allowed."""

from datetime import UTC, datetime, timedelta

from kehu_auth.features.throttle import rules
from kehu_auth.features.throttle.rules import ACCOUNT, State

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def _try_until_blocked(state: State, now: datetime) -> tuple[State, int]:
    tried = 0
    while rules.wait(state, now) is None:
        state = rules.after_attempt(ACCOUNT, state, now)
        tried += 1
    return state, tried


def test_ten_attempts_are_free() -> None:
    state, tried = _try_until_blocked(State(), NOW)
    assert tried == 10
    assert rules.wait(state, NOW) == MINUTE


def test_each_further_attempt_doubles_the_pause_up_to_a_quarter_of_an_hour() -> None:
    state, _ = _try_until_blocked(State(), NOW)
    now, backoff = NOW, []
    for _ in range(6):
        pause = rules.wait(state, now)
        assert pause is not None
        backoff.append(pause / MINUTE)
        now += pause
        state, tried = _try_until_blocked(state, now)
        assert tried == 1
    assert backoff == [1, 2, 4, 8, 15, 15]


def test_all_is_forgotten_after_a_quiet_time() -> None:
    state, _ = _try_until_blocked(State(), NOW)
    later = NOW + MINUTE + ACCOUNT.memory + timedelta(seconds=1)
    _, tried = _try_until_blocked(state, later)
    assert tried == 10


def test_a_successful_attempt_does_not_count() -> None:
    state = State()
    for _ in range(1000):
        assert rules.wait(state, NOW) is None
        state = rules.after_success(ACCOUNT, rules.after_attempt(ACCOUNT, state, NOW))
    assert state.attempts == 0


def test_a_successful_attempt_ends_no_pause_caused_by_others() -> None:
    state, _ = _try_until_blocked(State(), NOW)
    state = rules.after_attempt(ACCOUNT, state, NOW + MINUTE)
    assert rules.after_success(ACCOUNT, state).blocked_until == NOW + 3 * MINUTE
