namespace MiniDns.IntegrationTests.Support;

/// <summary>How to start the server.</summary>
internal sealed record ServerLaunch
{
    /// <summary>The working directory.</summary>
    public required string Directory { get; init; }

    /// <summary>The server's arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>What turns into the server, such as <c>ip netns exec NAME</c>.</summary>
    public IReadOnlyList<string> Prefix { get; init; } = [];

    /// <summary>The server itself: the one built with these tests, or another copy.</summary>
    public IReadOnlyList<string> Program { get; init; } = [Repository.DotnetHost, Repository.ServerAssembly];

    /// <summary>The whole command.</summary>
    public IReadOnlyList<string> Command => [.. Prefix, .. Program, .. Arguments];
}
