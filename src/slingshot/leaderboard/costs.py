"""What each answer cost: its tokens by the price list, else what was recorded, else unknown."""

from datetime import date

import polars as pl

from slingshot.models.prices import PER_MILLION, Price, Prices, price_of


def with_costs(answers: pl.DataFrame, prices: Prices) -> tuple[pl.DataFrame, list[Price]]:
    """The answers with a column `cost` in US dollars, null where unknown, and the prices that were used.

    The price is that of the day an answer was recorded on. A model without a price, or an answer without
    its counts of tokens, keeps a recorded cost above 0; a recorded 0 says nothing. Local models have no
    price per token, whatever a hosted model of the same name may cost.

    Args:
        answers: recordings with a column `group`: hosted, local or null.
        prices: see `load_prices`.
    """
    day = pl.col("timestamp").str.slice(0, 8)
    hosted = answers.filter(pl.col("group").fill_null("hosted") == "hosted")
    found = {
        (model, when): price
        for model, when in hosted.select("model", day).unique().sort("timestamp").iter_rows()
        if (price := _on(model, when, prices))
    }
    table = pl.DataFrame(
        [(*key, price.prompt, price.completion) for key, price in found.items()],
        schema={"model": pl.String, "day": pl.String, "prompt_usd": pl.Float64, "answer_usd": pl.Float64},
        orient="row",
    )
    joined = answers.with_columns(day=day).join(table, on=["model", "day"], how="left", maintain_order="left")
    # A prompt has tokens: 0 of them means that nobody counted.
    listed = (pl.col("tokens_prompt") > 0) & (pl.col("group").fill_null("hosted") == "hosted")
    by_tokens = pl.col("tokens_prompt") * pl.col("prompt_usd") + pl.col("tokens_answer") * pl.col(
        "answer_usd"
    )
    recorded = pl.when(pl.col("cost_usd") > 0).then(pl.col("cost_usd"))
    cost = pl.coalesce(pl.when(listed).then(by_tokens / PER_MILLION), recorded)
    priced = joined.with_columns(cost=cost).drop("day", "prompt_usd", "answer_usd")
    used = {price.model: price for price in found.values()}  # sorted by day, so that the latest stays
    return priced, [used[model] for model in sorted(used)]


def _on(model: str, day: str | None, prices: Prices) -> Price | None:
    """The price of a model on a day such as `20240131`; None where the day is no date."""
    try:
        return price_of(model, date.fromisoformat(day or ""), prices)
    except ValueError:
        return None
