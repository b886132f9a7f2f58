split_amount(cents, weights) = cents .* weights .÷ sum(weights)
