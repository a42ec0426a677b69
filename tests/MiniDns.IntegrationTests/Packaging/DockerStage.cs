namespace MiniDns.IntegrationTests.Packaging;

/// <summary>A stage of a Dockerfile.</summary>
/// <param name="Name">What later stages call it.</param>
/// <param name="Image">The image it starts from.</param>
/// <param name="Instructions">What follows FROM.</param>
internal sealed record DockerStage(string? Name, string Image, List<(string Keyword, string Operands)> Instructions)
{
    /// <summary>Its COPY instructions: the stage copied from, or null for the repository; the sources; the destination.</summary>
    public IEnumerable<(string? From, string[] Sources, string Destination)> Copies =>
        from copy in All("COPY")
        let words = copy.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        let paths = words.Where(w => !w.StartsWith("--", StringComparison.Ordinal)).ToArray()
        select (words.FirstOrDefault(w => w.StartsWith("--from=", StringComparison.Ordinal))?["--from=".Length..], paths[..^1], paths[^1]);

    /// <summary>What stands after a keyword, each time.</summary>
    public IEnumerable<string> All(string keyword) => Instructions.Where(i => i.Keyword == keyword).Select(i => i.Operands);

    /// <summary>What stands after a keyword that must stand once.</summary>
    public string One(string keyword) => Assert.Single(All(keyword));
}
