# Can this Julia judge answers? Loads what test cases use, throws and catches in compiled code, says who it is.
# A broken libunwind crashes on the first exception; a packager's Julia may come without a standard library.

println("version ", VERSION)
println("bindir ", Sys.BINDIR)
flush(stdout)

using Dates, LinearAlgebra, Printf, Statistics, Test

@noinline thrower(n) = n > 0 ? error("thrown ", n) : n

function caught(n)
    try
        thrower(n)
    catch exception
        return sprint(showerror, exception)
    end
end

"Does a failing test throw where no test set collects it? Prints the test's own report as well."
function failing_test_throws()
    try
        @test 1 + 1 == 3
    catch exception
        return exception isa Test.FallbackTestSetException
    end
    return false
end

caught(3) == "thrown 3" || error("an exception was not caught")
failing_test_throws() || error("a failing test did not throw")
det([2.0 1.0; 1.0 2.0]) ≈ 3 || error("LinearAlgebra is broken")
mean([1, 2, 3]) == 2 || error("Statistics is broken")
Dates.value(Date(2024, 3, 1) - Date(2024, 2, 28)) == 2 || error("Dates is broken")
@sprintf("%.2f", 3.14159) == "3.14" || error("Printf is broken")

println("sound")
