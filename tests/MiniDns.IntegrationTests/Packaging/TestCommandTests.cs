using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Packaging;

/// <summary>tests/run.sh adds up and cannot be fooled: here with a <c>dotnet</c> that only pretends.</summary>
public sealed class TestCommandTests : IDisposable
{
    private const string FakeDotnet = """
        #!/bin/sh
        mkdir "$TMPDIR/left-$$"
        case $1 in
            build) exit "$(cat build-code)" ;;
            test)
                directory=$(dirname "$2")
                [ ! -e "$directory/counters" ] || { mkdir -p artifacts/test-results; cp "$directory/counters" "artifacts/test-results/$(basename "$2" .csproj).trx"; }
                exit "$(cat "$directory/code")" ;;
        esac
        """;

    private readonly TestDirectory _repository = new();

    public TestCommandTests()
    {
        File.Copy(Repository.PathOf("tests", "run.sh"), _repository.Write("tests/run.sh", ""), overwrite: true);
        File.SetUnixFileMode(_repository.Write("bin/dotnet", FakeDotnet), (UnixFileMode)0b111_101_101);
        _repository.Write("build-code", "0");
    }

    public void Dispose() => _repository.Dispose();

    [Fact]
    public async Task Results_are_added_up()
    {
        Project("One.Tests", 0, "total=\"3\" executed=\"3\" passed=\"3\" failed=\"0\" error=\"0\" timeout=\"0\" aborted=\"0\"");
        Project("Two.Tests", 0, "total=\"40\" executed=\"40\" passed=\"40\" failed=\"0\" error=\"0\" timeout=\"0\" aborted=\"0\"");
        await ExpectAsync("43 passed, 0 failed", 0);
    }

    [Fact]
    public async Task Failures_count()
    {
        Project("One.Tests", 1, "total=\"3\" executed=\"3\" passed=\"1\" failed=\"2\" error=\"0\" timeout=\"0\" aborted=\"0\"");
        Project("Two.Tests", 0, "total=\"4\" executed=\"4\" passed=\"4\" failed=\"0\" error=\"0\" timeout=\"0\" aborted=\"0\"");
        await ExpectAsync("5 passed, 2 failed", 1);
    }

    [Fact]
    public async Task Skipped_tests_are_told()
    {
        Project("One.Tests", 0, "total=\"3\" executed=\"2\" passed=\"2\" failed=\"0\" error=\"0\" timeout=\"0\" aborted=\"0\"");
        await ExpectAsync("2 passed, 0 failed, 1 skipped", 0);
    }

    [Fact]
    public async Task A_project_that_runs_no_test_is_a_failure()
    {
        Project("One.Tests", 0, "total=\"3\" executed=\"3\" passed=\"3\" failed=\"0\" error=\"0\" timeout=\"0\" aborted=\"0\"");
        Project("Two.Tests", 0, null);
        await ExpectAsync("3 passed, 1 failed", 1);
    }

    [Fact]
    public async Task A_test_host_that_dies_is_a_failure()
    {
        Project("One.Tests", 1, "total=\"3\" executed=\"3\" passed=\"3\" failed=\"0\" error=\"0\" timeout=\"0\" aborted=\"0\"");
        await ExpectAsync("3 passed, 1 failed", 1);
    }

    [Fact]
    public async Task A_build_that_fails_is_a_failure()
    {
        Project("One.Tests", 0, "total=\"3\" executed=\"3\" passed=\"3\" failed=\"0\" error=\"0\" timeout=\"0\" aborted=\"0\"");
        _repository.Write("build-code", "1");
        await ExpectAsync("0 passed, 1 failed", 1);
    }

    private void Project(string name, int code, string? counters)
    {
        _repository.Write($"tests/{name}/{name}.csproj", "<Project/>");
        _repository.Write($"tests/{name}/code", code.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (counters is not null)
        {
            _repository.Write($"tests/{name}/counters", $"<TestRun>\n<ResultSummary outcome=\"Completed\">\n<Counters {counters} inconclusive=\"0\" />\n</ResultSummary>\n</TestRun>\n");
        }
    }

    private async Task ExpectAsync(string lastLine, int code)
    {
        string path = _repository["bin"] + ":" + Environment.GetEnvironmentVariable("PATH");
        string temporary = Directory.CreateDirectory(_repository["temporary"]).FullName;
        ToolResult result = await Tool.RunAsync("env", "PATH=" + path, "TMPDIR=" + temporary, "bash", _repository["tests/run.sh"]);
        Assert.Empty(Directory.EnumerateFileSystemEntries(temporary));
        Assert.Equal(lastLine, result.Lines[^1]);
        Assert.EndsWith(lastLine + "\n", result.Output, StringComparison.Ordinal);
        Assert.Equal(code, result.ExitCode);
    }
}
