using System.Diagnostics;

namespace MiniDns.Server.Tests.Support;

/// <summary>Waits for a condition instead of for a guess.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task TrueAsync(Func<bool> condition, string what)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < Patience, "it did not come to pass: " + what);
            await Task.Delay(5);
        }
    }
}
