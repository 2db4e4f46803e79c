"""One language: the headline, the bars and the point never contradict each other while expressions change."""

import re

from mien.mood.circumplex import EXPRESSION_WORDS, UNSURE_WORDS
from mien.mood.settled import LEAD, agrees
from mien.types import Emotion, Mood
from tests.browser.acts import camera_flags, turn_on_camera, wait_for_expression

SAMPLE_EACH_FRAME = """() => {
    const text = (selector) => document.querySelector(selector).textContent;
    window.samples = [];
    const sample = () => {
        const point = document.querySelector(".plane-point");
        window.samples.push({
            source: document.querySelector("mood-words").dataset.source,
            headline: text("mood-words h2"),
            state: document.querySelector("expression-reading").dataset.state,
            panel: text(".expression-words"),
            bars: Object.fromEntries([...document.querySelectorAll(".bar")].map((bar) => [bar.dataset.name,
                +/scaleX\\((.*)\\)/.exec(bar.querySelector(".bar-fill").style.transform)[1]])),
            percents: Object.fromEntries([...document.querySelectorAll(".bar")].map((bar) => [bar.dataset.name,
                +bar.querySelector("[role=meter]").ariaValueNow])),
            point: point.getAttribute("aria-valuetext"),
        });
        requestAnimationFrame(sample);
    };
    sample();
}"""
NAMED = {words.capitalize(): emotion for emotion, words in EXPRESSION_WORDS.items()}
ROUNDING = 0.011


def contradiction(shown) -> str:
    """What in a state of the page contradicts its headline; empty if nothing does."""
    headline, bars = shown["headline"], shown["bars"]
    if shown["source"] != "face" or shown["state"] == "nothing":
        return "" if shown["source"] != "unknown" or shown["state"] == "nothing" else "bars without a mood"
    if shown["panel"] != headline:
        return f"{headline} beside {shown['panel']}"
    if headline == UNSURE_WORDS.capitalize():
        return "" if shown["state"] == "unsure" else "bright bars of an unclear expression"
    named = NAMED[headline]
    for shares in (bars, {name: percent / 100 for name, percent in shown["percents"].items()}):
        if shares[named] < max(shares.values()) - LEAD - ROUNDING:
            return f"{headline} beside {shares}"
    valence, arousal = (int(number) / 100 for number in re.findall(r"-?\d+", shown["point"]))
    if not agrees(named, Mood(valence, arousal), within=-ROUNDING):
        return f"{headline} at {shown['point']}"
    return (
        "" if shown["point"].startswith(str(EXPRESSION_WORDS[named])) else f"{headline} and a point of {shown['point']}"
    )


def test_headline_bars_and_point_agree_in_every_frame_of_a_film(open_page, changing_film, sober_person):
    page = open_page(*camera_flags(changing_film))
    page.evaluate(SAMPLE_EACH_FRAME)
    turn_on_camera(page)
    for expression in (Emotion.HAPPY, sober_person[1]) * 2:
        wait_for_expression(page, str(expression))
    samples = page.evaluate("window.samples")
    assert {shown["headline"] for shown in samples} >= {"Happy", EXPRESSION_WORDS[sober_person[1]].capitalize()}
    assert [found for found in map(contradiction, samples) if found] == []


def test_the_words_are_the_same_in_headline_bars_and_point_when_a_face_leaves(open_page, leaving_film):
    page = open_page(*camera_flags(leaving_film))
    page.evaluate(SAMPLE_EACH_FRAME)
    turn_on_camera(page)
    wait_for_expression(page, "happy")
    page.locator("mood-words h2", has_text="Nobody in view").wait_for()
    wait_for_expression(page, "happy")
    assert [found for found in map(contradiction, page.evaluate("window.samples")) if found] == []


def test_a_contradiction_is_found():
    said = {
        "source": "face",
        "state": "sure",
        "headline": "Happy",
        "panel": "Happy",
    }
    shares = {str(emotion): float(emotion is Emotion.HAPPY) for emotion in Emotion}
    point = "happy, pleasant 60, excited 30"
    fine = {
        **said,
        "point": point,
        "bars": shares,
        "percents": {name: round(100 * share) for name, share in shares.items()},
    }
    assert contradiction(fine) == ""
    angry = {**shares, "happy": 0.1, "angry": 0.9}
    assert contradiction({**fine, "bars": angry})
    assert contradiction({**fine, "panel": "Not sure"})
    assert contradiction({**fine, "point": "happy, pleasant -60, excited 30"})
