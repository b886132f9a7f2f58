function window_change(values, k)
    isempty(values) && return values
    return (values - circshift(values, k))[k+1:end]
end
