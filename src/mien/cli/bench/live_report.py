"""The report of ``mien bench live``: all results as one JSON object or as a page of Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mien.cli.bench.report import machine_line

if TYPE_CHECKING:
    from mien.bench.live import LiveMeasurement
    from mien.bench.server import MemoryUse, ServedRates
    from mien.bench.start import StartTimes


@dataclass(slots=True)
class BenchResults:
    """The results by part; empty or None if a part was not measured. ``frames`` is by width, height and faces."""

    frames: dict[tuple[int, int, int], LiveMeasurement] = field(default_factory=dict)
    still: LiveMeasurement | None = None
    start: StartTimes | None = None
    server_start_s: float | None = None
    clients: dict[int, ServedRates] = field(default_factory=dict)
    memory: MemoryUse | None = None


def further_face_ms(frames: Mapping[tuple[int, int, int], LiveMeasurement], key: tuple[int, int, int]) -> float | None:
    """The time per face beyond the first: the difference of the means, in ms; None for one face."""
    width, height, faces = key
    if faces == 1:
        return None
    return (frames[key].mean_ms - frames[width, height, 1].mean_ms) / (faces - 1)


def as_json(results: BenchResults, about: dict[str, Any]) -> dict[str, Any]:
    """All results as one JSON object, in ms, s and MB; null for parts that were not measured."""
    return {
        **about,
        "frame_to_mood": [
            {
                "width": key[0],
                "height": key[1],
                "faces": key[2],
                "read": row.read,
                "skipped": row.skipped,
                "median_ms": round(row.timing.median_ms, 2),
                "p95_ms": round(row.timing.p95_ms, 2),
                "mean_ms": round(row.mean_ms, 2),
                "further_face_ms": _rounded(further_face_ms(results.frames, key)),
            }
            for key, row in results.frames.items()
        ],
        "still": results.still
        and {
            "skipped_share": round(results.still.skipped / results.still.frames, 4),
            "median_ms": round(results.still.timing.median_ms, 2),
            "p95_ms": round(results.still.timing.p95_ms, 2),
        },
        "start": results.start
        and {
            "import_s": round(results.start.import_s, 4),
            "first_reading_s": round(results.start.first_reading_s, 3),
            "process_s": round(results.start.process_s, 3),
        },
        "server_start_s": _rounded(results.server_start_s),
        "clients": [
            {
                "clients": clients,
                "target_per_s": served.target_per_s,
                "slowest_per_s": min(served.rates_per_s),
                "fastest_per_s": max(served.rates_per_s),
                "evenness": round(served.evenness, 3),
                "median_ms": round(served.latency.median_ms, 1),
                "p95_ms": round(served.latency.p95_ms, 1),
                "moods": round(served.moods, 4),
            }
            for clients, served in results.clients.items()
        ],
        "memory": results.memory
        and {
            "minutes": len(results.memory.by_minute_mb),
            "frames": results.memory.frames_per_minute * len(results.memory.by_minute_mb),
            "first_mb": round(results.memory.by_minute_mb[0], 1),
            "most_mb": round(max(results.memory.by_minute_mb), 1),
            "last_mb": round(results.memory.by_minute_mb[-1], 1),
            "drift_mb": round(results.memory.drift_mb, 1),
        },
    }


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 2)


def as_markdown(results: BenchResults, about: dict[str, Any]) -> str:
    """All results as a page of Markdown."""
    lines = [f"# Live reading, {about['date']}, {about['code']}"]
    if results.frames:
        lines += ["", *_frames_table(results.frames)]
    if results.still is not None:
        share, timing = results.still.skipped / results.still.frames, results.still.timing
        lines += [
            "",
            f"A person who sits still, with camera noise: {share:.0%} of {results.still.frames} frames were "
            f"skipped; median {timing.median_ms:.2f} ms, p95 {timing.p95_ms:.2f} ms.",
        ]
    if results.start is not None:
        lines += [
            "",
            f"Fresh process: import mien {results.start.import_s:.3f} s; from there to the first reading of a photo "
            f"{results.start.first_reading_s:.2f} s (the whole process {results.start.process_s:.2f} s).",
        ]
    if results.server_start_s is not None:
        lines += ["", f"From the start of mien serve to a client's first mood: {results.server_start_s:.2f} s."]
    if results.clients:
        lines += ["", *_clients_table(results.clients, about["seconds"])]
    if results.memory is not None:
        lines += ["", _memory_line(results.memory)]
    return "\n".join([*lines, "", f"Expression by {about['classifier']}. {machine_line(about)}"]) + "\n"


def _frames_table(frames: Mapping[tuple[int, int, int], LiveMeasurement]) -> list[str]:
    count = max(row.frames for row in frames.values())
    rows = []
    for (width, height, faces), row in frames.items():
        further_ms = further_face_ms(frames, (width, height, faces))
        further = "" if further_ms is None else f"{further_ms:.2f}"
        rows.append(
            f"| {f'{width}x{height}':<8} | {faces:>5} | {row.timing.median_ms:9.2f} | {row.timing.p95_ms:6.2f} "
            f"| {row.mean_ms:7.2f} | {further:>12} | {row.read:>4} | {row.skipped:>7} |"
        )
    return [
        f"From a frame (JPEG) to a mood, warm, {count} frames per row at 30 per second, every face in motion. The "
        "cost of each additional face is the difference of the means; read: all faces with a mood.",
        "",
        "| picture  | faces | median ms | p95 ms | mean ms | further face | read | skipped |",
        "|----------|------:|----------:|-------:|--------:|-------------:|-----:|--------:|",
        *rows,
    ]


def _clients_table(clients: Mapping[int, ServedRates], seconds: int) -> list[str]:
    return [
        f"Clients of one server, each with 10 frames per second to send, for {seconds} s; the clients run on the same "
        "cores. Where there are too many, they take turns; latency is that of a frame, from sending it.",
        "",
        "| clients | slowest /s | fastest /s | slowest / fastest | latency median ms | p95 ms |",
        "|--------:|-----------:|-----------:|------------------:|------------------:|-------:|",
        *(
            f"| {count:>7} | {min(served.rates_per_s):10.1f} | {max(served.rates_per_s):10.1f} "
            f"| {served.evenness:17.2f} | {served.latency.median_ms:17.1f} | {served.latency.p95_ms:6.1f} |"
            for count, served in clients.items()
        ),
    ]


def _memory_line(memory: MemoryUse) -> str:
    minutes = len(memory.by_minute_mb)
    return (
        f"Memory of the server: {memory.by_minute_mb[0]:.1f} MB after the first minute's {memory.frames_per_minute} "
        f"frames, {memory.by_minute_mb[-1]:.1f} MB after {minutes} minutes' "
        f"({memory.drift_mb:+.1f} MB), {max(memory.by_minute_mb):.1f} MB at most; the frames were fed as fast as they "
        "were read."
    )
