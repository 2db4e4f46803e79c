"""Many clients of a real server at once: they take turns with fresh frames and get equal shares."""

import asyncio
import json
import time
from collections import Counter

import pytest
from websockets.asyncio.client import connect

from mien.web.pace import MAX_FRAME_AGE_S
from tests.waiting import HANG_S
from tests.web.test_live import ask

SLOW_S = 0.02
"""What a frame takes by the session's clock: so ten may be on their way."""

ROOM = 10


@pytest.fixture
def clock(clock):
    clock.step_s = SLOW_S
    return clock


def hear(connection):
    return json.loads(connection.recv(timeout=HANG_S))


def test_a_client_beyond_capacity_is_asked_for_a_new_frame_and_its_old_one_is_never_read(live, reader, jpeg):
    connections = [live() for _ in range(ROOM + 3)]
    reader.gate.clear()
    for connection in connections:
        connection.send(jpeg(30, 30))
        assert ask(connection, "are you there?")["index"] is None  # so the frame has come, too
    time.sleep(2 * MAX_FRAME_AGE_S)
    reader.gate.set()
    for connection in connections[:ROOM]:
        assert hear(connection)["width"] == 30
    for connection in connections[ROOM:]:
        assert hear(connection) == {"type": "next"}
        answer = ask(connection, jpeg(40, 40))
        assert (answer["index"], answer["width"]) == (1, 40)
    assert Counter(frame.image.shape[1] for frame in reader.frames) == {30: ROOM, 40: 3}


def test_an_unreadable_frame_uses_up_only_its_turn(live, jpeg):
    connection = live()
    answer = ask(connection, b"no picture")
    assert (answer["type"], answer["index"], answer["wait"]) == ("error", 0, False)
    answer = ask(connection, jpeg())
    assert (answer["type"], answer["wait"]) == ("reading", False)


def test_many_clients_get_equal_shares_even_if_some_ignore_their_turns(server, origin, reader, jpeg):
    url = server.url.replace("http", "ws", 1) + "api/v1/live"
    see, readings, bidden = reader.see, Counter(), Counter()

    def slowly(frame):
        time.sleep(0.002)
        return see(frame)

    async def talk(number, done):
        obeys = number % 3 > 0
        async with connect(url, origin=origin, proxy=None, open_timeout=HANG_S, compression=None) as connection:
            await connection.send(jpeg())
            while not done.is_set():
                message = json.loads(await connection.recv())
                readings[number] += message["type"] == "reading"
                bidden[number] += message.get("wait", False)
                if not (obeys and message.get("wait")):
                    await connection.send(jpeg())
                if sum(readings.values()) > 500:
                    done.set()

    async def crowd():
        done = asyncio.Event()
        async with asyncio.timeout(HANG_S):
            await asyncio.gather(*(talk(number, done) for number in range(24)))

    reader.see = slowly
    asyncio.run(crowd())
    assert len(readings) == 24
    assert min(readings.values()) > 0.7 * max(readings.values())
    assert min(bidden.values()) > 0
