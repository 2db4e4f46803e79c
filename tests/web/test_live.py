"""The live channel over a real WebSocket: frames in, readings out, whatever a client does."""

import asyncio
import gc
import json
import struct
import threading

import pytest
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.sync.client import connect

from mien.session.session import READERS
from mien.types import Activity, Emotion, Gaze, HeadPose, Hint, Motion, Phase, Quality
from mien.web.live import MAX_MESSAGE_BYTES, LatestFrameSlot
from tests.fakes import reading
from tests.waiting import HANG_S, wait_until


def ask(live, message):
    live.send(message)
    return json.loads(live.recv(timeout=HANG_S))


def test_a_reading_has_everything_that_was_read(live, reader, jpeg):
    reader.see = lambda frame: [
        reading(
            Emotion.HAPPY,
            track_id=7,
            motion=Motion(0.1, 0.0, 0.25, 1.5),
            quality=Quality(0.75, Hint.TOO_DARK),
            activity=Activity(speaking=True, phase=Phase.ONSET),
            head_pose=HeadPose(12.34, -5, 0.06),
            gaze=Gaze(-3.14, 2.72, looking_at_screen=True),
        )
    ]
    answer = ask(live(), jpeg(64, 48))
    assert {
        **answer,
        "faces": len(answer["faces"]),
        "mood": sorted(answer["mood"]),
        "music": sorted(answer["music"]),
    } == {
        "type": "reading",
        "index": 0,
        "width": 64,
        "height": 48,
        "read_ms": 2.0,
        "faces": 1,
        "me": 7,
        "chosen": False,
        "mood": ["arousal", "confidence", "valence", "words"],
        "held": False,
        "posed": True,
        "music": ["arousal", "away_s", "confidence", "held_s", "moment", "settled", "valence", "words"],
        "region": "excited",
        "group": None,
        "hint": None,
        "skipped": False,
        "learning": None,
        "correction": None,
        "corrections": 0,
        "halo": None,
        "wait": False,
    }
    (face,) = answer["faces"]
    assert face["id"] == 7
    assert face["box"] == [10, 20, 100, 120]
    assert face["expression"] == "happy"
    assert face["confident"] is True
    assert list(face["probabilities"]) == [str(emotion) for emotion in Emotion]
    assert sum(face["probabilities"].values()) == pytest.approx(1, abs=0.001)
    assert face["valence"] > 0.5
    assert face["motion"] == {"brows": 0.1, "lids": 0.0, "jaw": 0.25, "mouth_corners": 1.5}
    assert face["quality"] == {"score": 0.75, "hint": {"name": "too_dark", "sentence": "Turn towards the light."}}
    assert face["activity"] == {"speaking": True, "blinking": False, "phase": "onset"}
    assert face["head_pose"] == {"yaw_deg": 12.3, "pitch_deg": -5, "roll_deg": 0.1}
    assert face["gaze"] == {"horizontal_deg": -3.1, "vertical_deg": 2.7, "looking_at_screen": True}
    assert "oval" in face["contours"]
    assert "happy" in answer["mood"]["words"]


def test_no_face_has_no_mood(live, reader, jpeg):
    reader.see = lambda frame: []
    answer = ask(live(), jpeg())
    assert (answer["faces"], answer["me"], answer["mood"], answer["region"]) == ([], None, None, None)


def test_a_lasting_hint_has_a_name_and_a_sentence(live, reader, jpeg, clock):
    reader.see = lambda frame: []
    connection = live()
    assert ask(connection, jpeg())["hint"] is None
    clock.at_s += 1.5
    hint = ask(connection, jpeg())["hint"]
    assert hint == {"name": "covered", "sentence": "Uncover the camera."}


def test_the_mood_is_held_while_the_face_cannot_be_read(live, reader, jpeg, clock):
    connection = live()
    seen = [[reading(Emotion.SAD)], [], [reading(quality=Quality(0.1, Hint.BLURRED))], [reading(Emotion.SAD)]]
    held = []
    for faces in seen:
        reader.see = lambda frame, faces=faces: faces
        clock.at_s += 0.1
        answer = ask(connection, jpeg())
        held.append(answer["held"])
        assert answer["mood"]["valence"] < 0
    assert held == [False, True, True, False]


TWO = [reading(Emotion.SAD, track_id=1, width_px=200), reading(Emotion.HAPPY, track_id=2, x_px=300, width_px=50)]


def test_a_selected_face_stays_selected_until_it_is_forgotten(live, reader, jpeg, clock):
    reader.see = lambda frame: TWO
    connection = live()
    answer = ask(connection, jpeg())
    assert (answer["me"], answer["chosen"]) == (1, False)
    assert answer["group"]["valence"] > answer["mood"]["valence"]
    connection.send('{"type": "select", "face": 2}')
    answer = ask(connection, jpeg())
    assert (answer["me"], answer["chosen"]) == (2, True)
    assert answer["mood"]["valence"] > 0
    reader.see = lambda frame: TWO[:1]
    clock.at_s += 1
    answer = ask(connection, jpeg())
    assert (answer["me"], answer["chosen"], answer["held"]) == (2, True, True)
    for _ in range(6):
        clock.at_s += 1
        answer = ask(connection, jpeg())
    assert (answer["me"], answer["chosen"]) == (1, False)
    connection.send('{"type": "select", "face": 9}')
    answer = ask(connection, jpeg())
    assert (answer["me"], answer["chosen"]) == (1, False)


def test_a_selection_can_be_removed(live, reader, jpeg, clock):
    reader.see = lambda frame: TWO
    connection = live()
    ask(connection, jpeg())
    connection.send('{"type": "select", "face": 2}')
    assert ask(connection, jpeg())["me"] == 2
    connection.send('{"type": "select", "face": null}')
    assert ask(connection, jpeg())["chosen"] is False
    clock.at_s += 2
    assert ask(connection, jpeg())["me"] == 1


def test_steadiness_is_each_connections_own(live, reader, jpeg, clock):
    steady, quick = live(), live()
    quick.send('{"type": "steadiness", "value": 0}')
    steady.send('{"type": "steadiness", "value": 1}')
    valences = []
    for connection in (steady, quick):
        reader.see = lambda frame: [reading(Emotion.HAPPY)]
        for _ in range(10):
            clock.at_s += 0.2
            ask(connection, jpeg())
        reader.see = lambda frame: [reading(Emotion.SAD)]
        for _ in range(10):
            clock.at_s += 0.2
            answer = ask(connection, jpeg())
        valences.append(answer["mood"]["valence"])
    assert valences[0] > 0 > valences[1]


def learn(connection, jpeg, clock):
    """The answers until learning is over."""
    connection.send('{"type": "learn_neutral"}')
    learnings = []
    while not learnings or not (learnings[-1]["done"] or learnings[-1]["error"]):
        learnings.append(ask(connection, jpeg())["learning"])
        clock.at_s += 0.25
    return learnings


def test_the_neutral_face_is_learnt_reported_and_deleted(live, client, jpeg, clock):
    assert client.get("/api/v1/neutral").json() == {"known": False, "since": None}
    connection = live()
    learnings = learn(connection, jpeg, clock)
    shares = [learning["share"] for learning in learnings]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert [learning["done"] for learning in learnings] == [False] * (len(learnings) - 1) + [True]
    assert ask(connection, jpeg())["learning"] is None
    assert client.get("/api/v1/neutral").json()["known"] is True
    assert client.delete("/api/v1/neutral", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.get("/api/v1/neutral").json()["known"] is True
    for _ in range(2):
        assert client.delete("/api/v1/neutral").status_code == 204
        assert client.get("/api/v1/neutral").json() == {"known": False, "since": None}


def test_learning_without_a_face_ends_with_a_remedy_and_stopped_learning_with_nothing(live, reader, jpeg, clock):
    connection = live()
    reader.see = lambda frame: []
    assert learn(connection, jpeg, clock)[-1]["error"]["message"].startswith("Your face was seen too little")
    connection.send('{"type": "learn_neutral"}')
    assert ask(connection, jpeg())["learning"] is not None
    connection.send('{"type": "stop_learning"}')
    assert ask(connection, jpeg())["learning"] is None


def test_frames_are_numbered(live, jpeg):
    connection = live()
    assert [ask(connection, jpeg())["index"] for _ in range(3)] == [0, 1, 2]


@pytest.mark.parametrize(
    "broken",
    [b"", b"not a picture", b"\xff\xd8\xff\xe0" + bytes(100), "text", "", '{"type": "reading"}'],
    ids=["nothing", "words", "a jpeg's beginning", "text", "empty text", "json"],
)
def test_an_invalid_frame_is_answered_with_an_error_and_the_connection_continues(live, jpeg, broken):
    connection = live()
    answer = ask(connection, broken)
    assert answer["type"] == "error"
    assert " " in answer["error"]["message"]
    assert answer["index"] == (0 if isinstance(broken, bytes) else None)
    assert ask(connection, jpeg())["type"] == "reading"


def test_a_truncated_frame_is_answered_with_an_error(live, jpeg):
    connection, whole = live(), jpeg()
    for length in range(1, len(whole) - 1, 97):
        assert ask(connection, whole[:length])["type"] == "error"
    assert ask(connection, whole)["type"] == "reading"


def test_a_frame_with_too_many_pixels_is_answered_with_an_error(live, jpeg):
    connection = live()
    assert ask(connection, jpeg(1921, 1920))["type"] == "error"
    assert ask(connection, jpeg(1920, 1080))["type"] == "reading"


def test_a_message_beyond_the_limit_ends_the_connection(live, jpeg):
    connection = live()
    # The header of a binary message, and nothing after it: with all of it on the way, the server's hanging up could
    # overtake its reason.
    connection.socket.sendall(struct.pack("!BBQ4x", 0x82, 0x80 | 127, MAX_MESSAGE_BYTES + 1))
    with pytest.raises(ConnectionClosedError) as ended:
        connection.recv(timeout=HANG_S)
    assert ended.value.rcvd.code == 1009
    assert ask(live(), jpeg())["type"] == "reading"


def test_a_message_at_the_limit_is_taken(live):
    assert ask(live(), bytes(MAX_MESSAGE_BYTES))["type"] == "error"


def test_a_reader_that_breaks_once_does_not_end_the_stream(live, reader, jpeg):
    breaks = iter([True, False])

    def see(frame):
        if next(breaks):
            raise RuntimeError("a secret of the reader")
        return [reading()]

    reader.see = see
    connection = live()
    answer = ask(connection, jpeg())
    assert answer["type"] == "error"
    assert "secret" not in answer["error"]["message"]
    assert ask(connection, jpeg())["type"] == "reading"


def test_a_lack_of_memory_is_said_and_fills_no_log(live, reader, jpeg, caplog):
    breaks = iter([True] * 20 + [False])

    def see(frame):
        if next(breaks):
            raise MemoryError
        return [reading()]

    reader.see = see
    connection = live()
    for _ in range(20):
        assert "too little memory" in ask(connection, jpeg())["error"]["message"]
    assert ask(connection, jpeg())["type"] == "reading"
    assert not caplog.records


def test_a_reading_with_nan_is_answered_with_an_error(live, reader, jpeg):
    results = iter([[reading(width_px=float("nan"))], [reading()]])
    reader.see = lambda frame: next(results)
    connection = live()
    assert ask(connection, jpeg())["type"] == "error"
    assert ask(connection, jpeg())["type"] == "reading"


def test_only_the_newest_of_many_frames_is_read(live, reader, jpeg):
    connection = live()
    reader.gate.clear()
    connection.send(jpeg(10, 10))
    assert reader.entered.wait(timeout=HANG_S)
    for width_px in range(11, 16):
        connection.send(jpeg(width_px, 10))
    # The server answers a text at once, and messages in order: by then it has received every frame.
    assert ask(connection, "are you there?")["type"] == "error"
    reader.gate.set()
    answers = [json.loads(connection.recv(timeout=HANG_S)) for _ in range(2)]
    assert [(answer["index"], answer["width"]) for answer in answers] == [(0, 10), (5, 15)]
    assert ask(connection, jpeg(16, 10))["index"] == 6
    assert [frame.image.shape[1] for frame in reader.frames] == [10, 15, 16]


def test_a_newer_frame_replaces_a_waiting_one():
    async def scenario():
        newest = LatestFrameSlot()
        for index in range(3):
            newest.put(index, b"%d" % index, at_s=0)
        await newest.wait()
        first = newest.take()
        newest.put(3, b"3", at_s=0)
        await newest.wait()
        return first, newest.take()

    assert asyncio.run(scenario()) == ((2, b"2"), (3, b"3"))


def test_the_server_answers_others_while_a_frame_is_read(live, client, reader, jpeg):
    connection = live()
    reader.gate.clear()
    connection.send(jpeg())
    assert reader.entered.wait(timeout=HANG_S)
    assert client.get("/api/v1/status").status_code == 200
    reader.gate.set()
    assert json.loads(connection.recv(timeout=HANG_S))["type"] == "reading"


def test_a_client_that_leaves_while_its_frame_is_read_leaves_nothing(live, reader, jpeg):
    staying, leaving = live(), live()
    assert ask(staying, jpeg())["type"] == "reading"
    assert ask(leaving, jpeg())["type"] == "reading"
    assert len(reader.followers) == 2
    reader.entered.clear()
    reader.gate.clear()
    leaving.send(jpeg())
    assert reader.entered.wait(timeout=HANG_S)
    leaving.socket.close()
    reader.gate.set()
    until(lambda: len(reader.followers) == 1)
    assert ask(staying, jpeg())["type"] == "reading"


def test_a_frame_that_waits_when_its_client_leaves_is_never_read(live, reader, jpeg):
    *busy, leaving = (live() for _ in range(READERS + 1))
    assert ask(leaving, jpeg(20, 20))["index"] == 0
    reader.gate.clear()
    for connection in busy:
        reader.entered.clear()
        connection.send(jpeg(30, 30))
        assert reader.entered.wait(timeout=HANG_S)
    leaving.send(jpeg(40, 40))
    assert ask(leaving, "are you there?")["type"] == "error"
    leaving.close()
    for _ in range(10):  # by the last of these answers the server has dealt with what came before the first
        assert ask(busy[0], "still there?")["type"] == "error"
    reader.gate.set()
    for connection in busy:
        assert json.loads(connection.recv(timeout=HANG_S))["width"] == 30
    assert ask(busy[0], jpeg(50, 50))["width"] == 50
    assert 40 not in [frame.image.shape[1] for frame in reader.frames]


def test_ten_connections_at_once_get_their_own_answers(live, reader, jpeg):
    connections = [live() for _ in range(10)]
    widths: dict[int, list[int]] = {}

    def talk(number):
        widths[number] = [ask(connections[number], jpeg(20 + number, 20))["width"] for _ in range(5)]

    threads = [threading.Thread(target=talk, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=HANG_S)
    assert widths == {number: [20 + number] * 5 for number in range(10)}
    assert len(reader.threads) <= READERS


def test_frames_are_not_compressed_again(server, origin):
    url = server.url.replace("http", "ws", 1) + "api/v1/live"
    with connect(url, origin=origin, proxy=None, open_timeout=HANG_S, compression="deflate") as connection:
        assert connection.protocol.extensions == []


def test_there_is_no_other_channel(server, origin):
    url = server.url.replace("http", "ws", 1) + "api/v1/other"
    with pytest.raises(InvalidStatus, match="403"), connect(url, origin=origin, proxy=None, open_timeout=HANG_S):
        pass


def until(holds):
    """Wait for what another thread brings about; what nobody refers to any more is collected first."""
    wait_until(lambda: [gc.collect(), holds()][1])
