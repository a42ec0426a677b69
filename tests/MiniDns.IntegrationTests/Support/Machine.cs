namespace MiniDns.IntegrationTests.Support;

/// <summary>What these tests need of the machine. What is missing fails a test; nothing is skipped.</summary>
internal static class Machine
{
    /// <summary>Fails unless this process may make network namespaces and switch users.</summary>
    public static void DemandRoot() =>
        Assert.True(Environment.IsPrivilegedProcess, "this test makes network namespaces and so must run as root: sudo tests/run.sh");
}
