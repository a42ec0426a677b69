using System.Diagnostics;

namespace MiniDns.IntegrationTests.Support;

/// <summary>Waits for something that another process does.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits until a condition holds.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="explanation">What to say when it never does.</param>
    public static Task TrueAsync(Func<bool> condition, Func<string> explanation) => TrueAsync(() => Task.FromResult(condition()), explanation);

    /// <summary>Waits until a condition holds.</summary>
    public static async Task TrueAsync(Func<Task<bool>> condition, Func<string> explanation)
    {
        var since = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(since.Elapsed < Patience, explanation());
            await Task.Delay(Pause);
        }
    }
}
