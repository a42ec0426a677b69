using System.Text.Json;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Packaging;

/// <summary>The Dockerfile, as it is written; <see cref="PublishedProgramTests"/> build and run it.</summary>
public sealed class DockerfileTests
{
    private static readonly Dockerfile File = Publication.Dockerfile;

    private static DockerStage Image => File.Stages[^1];

    [Fact]
    public void It_builds_with_the_SDK_and_runs_on_the_runtime()
    {
        Assert.Equal(2, File.Stages.Count);
        Assert.StartsWith("mcr.microsoft.com/dotnet/sdk:10.0", File.Stages[0].Image, StringComparison.Ordinal);
        Assert.StartsWith("mcr.microsoft.com/dotnet/aspnet:10.0", Image.Image, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_copied_exists_and_is_sent_to_the_builder()
    {
        string[] ignore = System.IO.File.ReadAllLines(Repository.PathOf(".dockerignore"));
        foreach ((string? from, string[] sources, _) in File.Stages.SelectMany(s => s.Copies))
        {
            if (from is not null)
            {
                Assert.Contains(File.Stages, s => s.Name == from);
                continue;
            }

            foreach (string source in sources)
            {
                Assert.True(Path.Exists(Repository.PathOf(source)), source);
                Assert.Contains("!" + source.Split('/')[0], ignore);
            }
        }
    }

    [Fact]
    public void It_runs_without_root_and_says_what_it_serves()
    {
        Assert.Equal("$APP_UID", Image.One("USER"));
        Assert.Equal(["53/udp", "53/tcp", "8080/tcp", "8181/tcp"], Image.One("EXPOSE").Split(' '));
        Assert.Equal(["/opt/minidns/minidns"], JsonSerializer.Deserialize<string[]>(Image.One("ENTRYPOINT"))!);
        Assert.Contains("-o /opt/minidns ", File.Stages[0].All("RUN").Single(r => r.StartsWith("dotnet publish", StringComparison.Ordinal)), StringComparison.Ordinal);
        (_, string[] sources, string destination) = Assert.Single(Image.Copies);
        Assert.Equal(["/opt/minidns/"], sources);
        Assert.Equal("/opt/minidns/", destination);
    }

    [Fact]
    public void The_health_check_is_a_file_of_the_image()
    {
        string command = Image.One("HEALTHCHECK").Split("CMD ")[1];
        string path = Assert.Single(JsonSerializer.Deserialize<string[]>(command)!);
        Assert.Contains(File.Stages[0].Copies, c => c.Destination == path);
    }
}
