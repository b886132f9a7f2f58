free_slots(used, n) =
    foldl((free, u) -> filter(!=(u), free), used; init=collect(1:n))
