"""What requests in words mean: real ones in two languages, and hostile ones."""

from __future__ import annotations

import tomllib
from datetime import date
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.errors import RequestError
from mien.music.requests.request import MAX_CHARACTERS, MusicRequest, PartKind
from mien.music.requests.understand import understand

TODAY = date(2026, 11, 29)
ARTISTS = (
    "Queen",
    "Miles Davis",
    "Air",
    "Ludovico Einaudi",
    "The Beatles",
    "Herbert Grönemeyer",
    "Fury in the Slaughterhouse",
)

#: Requests, each with all that it must mean: "V+" and "A-" are the signs of the mood, "?" is before unknown words.
REQUESTS = {
    # The issue's own and its neighbours.
    "sad piano in the rain, slow, no vocals": "V- A- piano rain slow -vocals",
    "traurige Klaviermusik im Regen, langsam, ohne Gesang": "V- A- piano rain slow -vocals",
    "something I have not heard for long": "long-ago",
    "my favourites": "favourites",
    "something new": "unheard",
    "slower": "slow",
    # What the makers of other programs show as examples, and what their users report.
    "classical music for studying": "focus classical",
    "dinner party playlist of chill instrumental funk and jazz": "dinner A- -vocals funk jazz",
    "songs to cry to": "V- A-",
    "90s hip hop for the gym": "A+ workout hip-hop 1990-1999",
    "rainy day jazz": "rain jazz",
    "upbeat songs for a summer road trip": "V+ A+ summer road-trip",
    "something energetic but not aggressive": "A+ -aggressive",
    "nostalgic without being depressing": "V+ -depressing",
    "instrumentals for coding at 2 AM": "-vocals focus night",
    "relaxing music": "V+ A-",
    "cheer me up": "V+",
    "party music, no rap": "V+ A+ party -hip-hop",
    "acoustic sad songs": "V- A- acoustic",
    "170 bpm running": "A+ workout 170bpm",
    "songs under 3 minutes": "short",
    "late night drive": "night road-trip",
    "French rap": "french hip-hop",
    "jazzy hip hop from the 2000s": "jazz hip-hop 2000-2009",
    "less upbeat": "-upbeat",
    "epic battle music": "A+ V- epic battle",
    "aggressive music for heavy weightlifting": "A+ V- workout",
    "indie folk": "indie folk",
    "lofi beats to study to": "lo-fi focus A-",
    # What people would type, collected after the lexicon was written and tried against it.
    "ich bin traurig, muntere mich auf": "V+",
    "anxious, help me calm down": "V+ A-",
    "dinner music, nothing with drums": "dinner -drums",
    "bitte nichts mit Gesang": "-vocals",
    "hate country, love blues": "-country blues",
    "something like the Beatles but sadder": "V- like:the-beatles",
    "Musik wie von Ludovico Einaudi": "like:ludovico-einaudi",
    "R&B": "r-and-b",
    "rock'n'roll": "rock",
    "drum & bass": "drum-and-bass",
    "late 60s psychedelic rock": "psychedelic rock 1966-1969",
    "alte Schlager": "schlager ..2001",
    "happy 80s pop with female vocals, around 120 bpm": "V+ A+ 1980-1989 pop female-vocals 120bpm",
    "ein bisschen fröhlicher": "V+",
    "nicht nur Rock": "rock",
    "not instrumental": "vocals",
    "nothing but piano": "piano",
    "in h-moll": "B-minor",
    "leise Hintergrundmusik fürs Büro": "A- focus",
    "keine deutschen Lieder": "-german",
    "sad kid in 1994": "V- A- 1994-1994 ?kid",
    "Rainy TUESDAY in 2003!!": "rain 2003-2003 ?TUESDAY",
    "gesangsfreie Rockballaden": "-vocals rock ballad",
    "my favourites from the 90s": "favourites 1990-1999",
    "something calm that I haven't heard in ages": "A- long-ago",
    # English, plainly.
    "happy": "V+ A+",
    "very calm": "A-",
    "a bit melancholic": "V-",
    "not too fast": "-fast",
    "female vocals": "female-vocals",
    "guitar without drums": "guitar -drums",
    "no drums or vocals": "-drums -vocals",
    "80s": "1980-1989",
    "from 1994": "1994-1994",
    "mid 80s synthpop": "1983-1987 synthpop",
    "between 1985 and 1990": "1985-1990",
    "before 1970": "..1969",
    "since 2015": "2015..",
    "around 120 bpm": "120bpm",
    "in a minor key": "minor",
    "C minor": "C-minor",
    "F# major": "F#-major",
    "I don't like country": "-country",
    "Queen but not happy": "artist:queen -happy",
    "music by Miles Davis from the seventies": "artist:miles-davis 1970-1979",
    "melancoly violin": "V- violin",
    "30 minutes of calm piano": "A- piano 30min",
    "10 quiet songs": "A- 10tracks",
    "wake me up gently": "A+",
    "I'm heartbroken": "V- A-",
    "can't sleep": "A- sleep",
    "music for yoga": "A- V+ yoga",
    "😭": "V- A-",
    # German, as it is typed.
    "fröhlich": "V+ A+",
    "froehliche Lieder": "V+ A+",
    "nicht traurig": "-sad",
    "etwas Ruhiges zum Einschlafen": "A- sleep",
    "sehr schnell": "fast",
    "nicht so schnell": "-fast",
    "keine Gitarre und kein Schlagzeug": "-guitar -drums",
    "Musik aus den Neunzigern": "1990-1999",
    "80er": "1980-1989",
    "neunziger Eurodance": "1990-1999 eurodance",
    "was ich lange nicht gehört habe": "long-ago",
    "meine Lieblingslieder": "favourites",
    "etwas Neues, das ich noch nie gehört habe": "unheard",
    "Musik zum Lernen": "focus",
    "wütende Rockmusik zum Sport": "V- A+ rock workout",
    "entspannte Gitarrenmusik": "V+ A- guitar",
    "weibliche Stimme, melancholisch": "V- female-vocals",
    "deutscher Rap aus 2005": "german hip-hop 2005-2005",
    "Filmmusik, episch": "soundtrack A+ epic",
    "schönes Cellostück": "V+ cello",
    "langsamer Walzer in Moll": "slow waltz minor",
    "laute Gitarren": "A+ guitar",
    "Lieder von Herbert Grönemeyer": "artist:herbert-groenemeyer",
    "Weihnachtslieder": "christmas",
    "gute Laune": "V+ A+",
    "gegen schlechte Laune": "V+",
    "ich bin müde": "A-",
    "Musik für einen Regentag": "rain",
    "20 Minuten zum Aufwachen": "A+ 20min",
    "ruhige Sonntagmorgen-Musik": "A- morning",
    "ohne Text": "-vocals",
}


def found_in(request: MusicRequest) -> set[str]:
    """What a request means, in the words of the table."""
    found = {
        ("-" if part.negated else "") + part.name
        for part in request.parts
        if part.name and part.kind is not PartKind.MOOD
    }
    found |= {f"-{part.name}" for part in request.parts if part.kind is PartKind.MOOD and part.negated}
    if request.mood is not None:
        valence, arousal = request.mood
        found |= {"V+"} if valence > 0.1 else {"V-"} if valence < -0.1 else set()
        found |= {"A+"} if arousal > 0.1 else {"A-"} if arousal < -0.1 else set()
    return found | {f"?{words.text}" for words in request.unknown}


def expected(meant: str) -> set[str]:
    return set(meant.split())


@pytest.mark.parametrize(("text", "meant"), REQUESTS.items(), ids=REQUESTS)
def test_a_request_means_what_was_asked(text: str, meant: str) -> None:
    found = found_in(understand(text, today=TODAY, artists=ARTISTS))
    wanted = expected(meant)
    assert wanted <= found, f"missing {wanted - found}, found {found}"
    beyond = found - wanted - {"V+", "V-", "A+", "A-"}
    assert not beyond, f"means too much: {beyond}"


def test_the_degree_of_a_word_moves_the_mood() -> None:
    texts = ("very calm", "calm", "a bit calm", "sehr ruhig", "etwas ruhig")
    arousal = [understand(text, today=TODAY).mood[1] for text in texts]
    assert arousal[0] < arousal[1] < arousal[2] < 0
    assert arousal[3] < arousal[1] < arousal[4] < 0


def test_what_is_not_wanted_is_the_whole_phrase() -> None:
    request = understand("slow piano, without any vocals", today=TODAY)
    assert [part.words.text for part in request.parts] == ["slow", "piano", "without any vocals"]
    assert request.without(request.parts[2].words) == "slow piano"
    assert request.without(request.parts[0].words) == "piano, without any vocals"


def test_a_misspelt_word_is_taken_for_the_one_next_to_it() -> None:
    (part,) = understand("melancoly", today=TODAY).parts
    assert (part.name, part.corrected) == ("melancholic", "melancholy")


@pytest.mark.parametrize(
    "text",
    [
        *("", "   \n\t ", "\x00\x1b[2J", "the and of it", "und ich will das", "asdf qwer", "no", "?!.,"),
        *("x" * 10_000, "sad " * 2_500),
    ],
    ids=["empty", "blank", "control", "stop words", "Stoppwörter", "nonsense", "only no", "signs", "long word", "long"],
)
def test_what_cannot_be_understood_is_one_clear_sentence(text: str) -> None:
    with pytest.raises(RequestError) as caught:
        understand(text, today=TODAY)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert len(sentence) < 200
    assert caught.value.remedy


sentences = st.lists(st.sampled_from([*REQUESTS, "no", "very", ","]), max_size=6).map(" ".join)


@given(st.text(max_size=MAX_CHARACTERS) | sentences)
def test_any_text_is_understood_or_refused(text: str) -> None:
    try:
        request = understand(text, today=TODAY, artists=ARTISTS)
    except RequestError:
        return
    assert request.parts
    for words in (*(part.words for part in request.parts), *request.unknown):
        assert request.text[words.start : words.end] == words.text
        assert words.text.strip()
    if request.mood is not None:
        assert all(-1 <= axis <= 1 for axis in request.mood)


def test_every_phrase_of_the_lexicon_means_something() -> None:
    for name in ("moods", "scenes", "sounds", "genres"):
        path = resources.files("mien.music.requests") / "lexicon" / f"{name}.toml"
        for entry in tomllib.loads(path.read_text(encoding="utf-8")).values():
            for phrase in f"{entry['en']}, {entry['de']}".split(","):
                understand(phrase.strip(), today=TODAY)
