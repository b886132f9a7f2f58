# Every character is paired with how many are left from it to the end.
mask_code(code, keep) =
    join(left > keep ? '*' : c for (left, c) in zip(length(code):-1:1, code))
