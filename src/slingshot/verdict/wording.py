"""How numbers are put into words, and the one sentence that may be quoted."""

from slingshot.leaderboard.wording import listed
from slingshot.statistics import LEAST_FOR_CLAIMS, Claim, claim
from slingshot.verdict.contract import Comparison, Folds, LossGap, ModelVerdict, Score, Split, Verdict

SPLIT_NAMES: dict[Split, str] = {
    "all": "all test cases",
    "seen": "seen test cases",
    "variant": "variants",
    "held_out": "held-out test cases",
}

ALL_INCLUDES_SEEN = '"All" includes what was trained on: only held-out test cases show what was learnt.'


def percent(share: float) -> str:
    """A share from 0 to 1 as a percentage; 0 % and 100 % only when nothing or everything is meant."""
    value = 100 * share
    return f"{value:.1f} %" if 0 < value < 1 or 99 < value < 100 else f"{value:.0f} %"


def points(value: float | None, low: float | None, high: float | None, sign: bool = False) -> str:
    """Points with their interval: `31.0 [20, 45]`, `+9.0 [2.1, 16.0]` with `sign`, `–` when unknown."""
    if value is None:
        return "–"
    form, bound = ("+.1f", "+.1f") if sign else (".1f", ".0f")
    if low is None or high is None:
        return f"{value:{form}} [unknown]"
    return f"{value:{form}} [{low:{bound}}, {high:{bound}}]"


def shares(value: float, low: float | None, high: float | None) -> str:
    """A share with its interval in per cent: `31 % [20, 45]`."""
    if low is None or high is None:
        return f"{percent(value)} [unknown]"
    return f"{percent(value)} [{100 * low:.0f}, {100 * high:.0f}]"


def percent_points(difference: float | None, low: float | None, high: float | None) -> str:
    """A difference of shares with its interval in percentage points: `+31 [+20, +45]`, `–` when unknown."""
    if difference is None:
        return "–"
    if low is None or high is None:
        return f"{100 * difference:+.0f} [unknown]"
    return f"{100 * difference:+.0f} [{100 * low:+.0f}, {100 * high:+.0f}]"


def count_of(count: int, noun: str) -> str:
    """`1 test case`, `4 test cases`, `1,200 answers`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def p_in_words(p_value: float | None) -> str:
    """`0.03`, `< 0.001`, `–` when unknown; never rounded to what it is not."""
    if p_value is None:
        return "–"
    return "< 0.001" if p_value < 0.001 else f"{p_value:.2g}"


def claim_in_words(comparison: Comparison) -> str:
    """What a comparison allows to be said: about the points first, then about solutions."""
    if comparison.claim == "unknown":
        return "too few test cases in common to say which is better"
    # Points and solutions can move apart; a claim that named only one would mislead.
    solved = _solved_moved(comparison)
    if comparison.claim == "no measurable difference":
        words = "no measurable difference" + _held_back(comparison)
        return words + (f" in points, though it solves measurably {solved}" if solved else "")
    apart = points(comparison.difference, comparison.low, comparison.high, sign=True)
    as_claimed = "more" if comparison.claim == "better" else "fewer"
    if solved == as_claimed:
        rest = f"and it solves measurably {solved}"
    elif solved:
        rest = f"but it solves measurably {solved}"
    else:
        rest = f"but it does not solve measurably {as_claimed}"
    return f"{comparison.claim} by {apart} points, {rest}"


def _solved_moved(comparison: Comparison) -> str:
    """Say "more", "fewer", or nothing when nothing may be claimed of the share solved."""
    c = comparison
    found = claim(c.solved_difference, c.solved_low, c.solved_high, c.solved_p_adjusted)
    words: dict[Claim, str] = {"better": "more", "worse": "fewer"}
    return words.get(found, "")


def _held_back(comparison: Comparison) -> str:
    """Why nothing is claimed although the interval is clear of zero; "" where it is not."""
    if comparison.p_adjusted is None or claim(comparison.difference, comparison.low, comparison.high) not in (
        "better",
        "worse",
    ):
        return ""
    if comparison.tasks < LEAST_FOR_CLAIMS:
        return f", for {comparison.tasks} test cases are too few to rule out chance"
    corrected = (
        "" if comparison.p_value == comparison.p_adjusted else ", corrected for the number of comparisons"
    )
    return f" that rules out chance (p {p_in_words(comparison.p_adjusted)}{corrected})"


def sentence(verdict: Verdict) -> str:
    """The one honest sentence about a run: seen, variants, held-out, memorization, and the base model.

    It is about the first tuned model; without one it only states the first model's score.
    """
    model, base = verdict.tuned, verdict.base
    if model is None:
        return _without_tuned(verdict.models[0])
    parts = []
    if seen := model.scores.get("seen"):
        parts.append(_seen_part(verdict, model, base, seen))
    if variant := model.scores.get("variant"):
        where = f"on {count_of(variant.tasks, 'variant')} of what it was trained on"
        parts.append(_against(verdict, model, base, "variant", where, not parts))
    if held_out := model.scores.get("held_out"):
        count = str(held_out.tasks) if parts else count_of(held_out.tasks, "test case")
        parts.append(_against(verdict, model, base, "held_out", f"on the {count} it never saw", not parts))
    elif parts:
        parts.append("nothing was held out, so nothing can be said about test cases it never saw")
    if not parts and (score := model.scores.get("all")):
        where = f"on {count_of(score.tasks, 'test case')}"
        parts.append(_against(verdict, model, base, "all", where, True))
    if not parts:
        parts.append(f"no answer of {model.name} could be judged, so nothing can be said about it")
    if beside := _beside_references(verdict, model):
        parts.append(beside)
    if memorized := _memorized(model, base):
        parts.append(memorized)
    text = "; ".join(parts)
    return text[0].upper() + text[1:] + "."


def _without_tuned(model: ModelVerdict) -> str:
    """The sentence when no model is tuned."""
    score = model.scores.get("all")
    if score is None:
        return f"No answer of {model.name} could be judged, so nothing can be said about it."
    return (
        f"On {count_of(score.tasks, 'test case')}, {model.name} scores "
        f"{points(score.mean, score.low, score.high)} and solves {percent(score.solved)}; "
        "no tuned model was judged, so nothing can be said about training."
    )


def _seen_part(verdict: Verdict, model: ModelVerdict, base: ModelVerdict | None, score: Score) -> str:
    """The clause about the test cases trained on."""
    interval = "interval unknown"
    if score.low is not None and score.high is not None:
        interval = f"95 % interval {score.low:.0f} to {score.high:.0f}"
    compared = verdict.comparison(model, base, "seen")
    if base and (theirs := base.scores.get("seen")):
        interval += f"; base {theirs.mean:.1f}"
    text = (
        f"on the {count_of(score.tasks, 'test case')} it was trained on, {model.name} scores "
        f"{score.mean:.1f} ({interval}) and solves {percent(score.solved)}"
    )
    # A gain on what was trained on is expected and boasts of nothing; its absence must be said.
    return f"{text}: {claim_in_words(compared)}" if compared and compared.claim != "better" else text


def _against(
    verdict: Verdict, model: ModelVerdict, base: ModelVerdict | None, on: Split, where: str, named: bool
) -> str:
    """Score, base and claim on a split: `WHERE, 31.0 [20, 45] against the base's 22.0 (solves …): …`.

    With `named` the clause names the model, as the first of the sentence must.
    """
    score, theirs = model.scores[on], base.scores.get(on) if base else None
    own = (f"{model.name} scores " if named else "") + points(score.mean, score.low, score.high)
    if theirs is None:
        return f"{where}, {own} (solves {percent(score.solved)}), with no base model to compare with"
    text = (
        f"{where}, {own} against the base's {theirs.mean:.1f} "
        f"(solves {percent(score.solved)} against {percent(theirs.solved)})"
    )
    compared = verdict.comparison(model, base, on)
    if compared is None:
        return text
    if compared.tasks != score.tasks:
        text += f", compared on the {compared.tasks} that both answered"
    return f"{text}: {claim_in_words(compared)}"


def _beside_references(verdict: Verdict, model: ModelVerdict) -> str:
    """The clause about reference models, on held-out test cases, or on all where no split is named; "" without."""
    on: Split = "held_out" if set(model.scores) != {"all"} else "all"
    compared = [c for c in verdict.comparisons if c.a == model.name and c.on == on]
    recorded = {other.name for other in verdict.models if other.kind == "recorded"}
    by_claim: dict[Claim, list[str]] = {}
    for one in compared:
        if one.b in recorded:
            by_claim.setdefault(one.claim, []).append(one.b)
    words: dict[Claim, str] = {
        "better": "it beats {}",
        "worse": "it is measurably worse than {}",
        "no measurable difference": "there is no measurable difference to {}",
        "unknown": "too little is known to compare it with {}",
    }
    parts = [words[found].format(listed(names)) for found, names in by_claim.items()]
    where = "held-out" if on == "held_out" else "the common"
    if parts:
        parts = [f"on {where} test cases {', '.join(parts)}"]
    return "; ".join([*_mixed(verdict, model, recorded), *parts])


def _mixed(verdict: Verdict, model: ModelVerdict, recorded: set[str]) -> list[str]:
    """A clause for each reference about all common test cases: the headline others print, and what it is made of."""
    trained_on = model.scores.get("seen")
    if trained_on is None:
        return []
    clauses = []
    for one in verdict.comparisons:
        if one.a == model.name and one.b in recorded and one.on == "all":
            theirs = next(other.scores.get("all") for other in verdict.models if other.name == one.b)
            ours = model.scores["all"]
            if theirs and ours.tasks == theirs.tasks == one.tasks:
                clauses.append(
                    f"over all {one.tasks}, {trained_on.tasks} of which it was trained on, {ours.mean:.1f} against "
                    f"{theirs.mean:.1f} of {one.b}: {claim_in_words(one)}"
                )
    return clauses


def _memorized(model: ModelVerdict, base: ModelVerdict | None) -> str:
    """The clause about memorization, measured against the base model; "" when it was not measured."""
    own = model.memorization.get("seen")
    if own is None:
        return ""
    theirs = base.memorization.get("seen") if base else None
    what = f"{percent(own.verbatim_rate)} of its answers on seen test cases are training answers verbatim"
    if theirs is None:
        return f"{what} (no base model to compare with)"
    verb = "it memorized: " if own.verbatim_rate > theirs.verbatim_rate else ""
    return f"{verb}{what} (base {percent(theirs.verbatim_rate)})"


def memorization_in_words(verdict: Verdict) -> list[str]:
    """A plain sentence for each measure of memorization of the tuned model, on the test cases trained on."""
    model, base = verdict.tuned, verdict.base
    if model is None:
        return []
    lines, own = [], model.memorization.get("seen")
    theirs = base.memorization.get("seen") if base else None
    if own:
        lines = [
            f"Of {model.name}'s answers on seen test cases {percent(own.verbatim_rate)} are training code word for "
            f"word{_beside(theirs.verbatim_rate if theirs else None)}.",
            f"Of the 13-token pieces of its answers there {percent(own.ngram_overlap)} stand in the training "
            f"code{_beside(theirs.ngram_overlap if theirs else None)}.",
        ]
    if own and own.peakedness is not None:
        lines.append(
            f"Asked the same again, it answers within 5 % of its most usual answer in {percent(own.peakedness)} of "
            f"cases{_beside(theirs.peakedness if theirs else None)}; copies count, so that it says little of answers drawn without temperature."
        )
    if losses := model.losses:
        lines.append(_losses_in_words(losses, base.losses if base else None))
    return lines


def _losses_in_words(own: LossGap, base: LossGap | None) -> str:
    """What a model's losses say of what it was trained on, the base's beside them."""
    beside = ""
    if base:
        beside = (
            f" The base's are {base.trained_mean:.2f} and {base.untrained_mean:.2f}, and tell them apart "
            f"{100 * base.auc:.0f} times in 100."
        )
    return (
        f"Its loss on answers it was trained on is {own.trained_mean:.2f} nats a token, on other right answers to the "
        f"same prompts {own.untrained_mean:.2f}; a loss alone tells the two apart {100 * own.auc:.0f} times in 100 "
        f"(AUC {own.auc:.2f} [{own.low:.2f}, {own.high:.2f}]): 50 would be chance.{beside}"
    )


def _beside(base: float | None) -> str:
    """The base model's share behind the tuned one's."""
    return "" if base is None else f" (base {percent(base)})"


def folds_in_words(folds: Folds) -> list[str]:
    """What leaving each test case out once shows, and what these answers owe to memory, in a plain sentence each."""
    left_out, base, tuned = count_of(folds.tuned.tasks, "test case"), folds.base, folds.tuned
    own, theirs = folds.tuned_memorization, folds.base_memorization
    return [
        f"Trained without it, the method scores {points(tuned.mean, tuned.low, tuned.high)} on a test case, the base "
        f"{base.mean:.1f} (solves {percent(tuned.solved)} against {percent(base.solved)}; {left_out}, each left out "
        f"once): {claim_in_words(folds.comparison)}.",
        f"Of these answers {percent(own.verbatim_rate)} are code of their own training's rows word for word"
        f"{_beside(theirs.verbatim_rate)}, and {percent(own.ngram_overlap)} of their 13-token pieces stand there"
        f"{_beside(theirs.ngram_overlap)}.",
    ]
