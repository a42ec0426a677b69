namespace MiniDns.Plugins.Tests.Kubernetes;

/// <summary>Waits for what happens on other threads.</summary>
internal static class Wait
{
    public static async Task UntilAsync(Func<bool> condition)
    {
        DateTime end = DateTime.UtcNow.AddSeconds(30);
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < end, "it did not happen within 30 seconds");
            await Task.Delay(10);
        }
    }
}
