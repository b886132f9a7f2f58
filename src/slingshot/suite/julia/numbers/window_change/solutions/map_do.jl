function window_change(values, k)
    map(k+1:length(values)) do i
        values[i] - values[i-k]
    end
end
