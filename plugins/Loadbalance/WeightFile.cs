using System.Text;
using Microsoft.Extensions.Logging;

namespace MiniDns.Plugins.Loadbalance;

/// <summary>Keeps a <see cref="WeightTable"/> up to date with its file, which is looked at from time to time.</summary>
/// <remarks>A file that is wrong or cannot be read leaves the old weights in place; that is said once.</remarks>
internal sealed class WeightFile(string path, TimeSpan reload, DnsServices services) : IServerComponent
{
    /// <summary>The largest file, in octets.</summary>
    public const int MaxLength = 16 * 1024 * 1024;

    private readonly ILogger _logger = services.LoggerFor("loadbalance");
    private readonly Lock _reading = new();
    private WeightTable _table = WeightTable.Empty;
    private byte[] _content = [];
    private string? _lastProblem;
    private ITimer? _timer;

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>The weights of now. A query reads them once.</summary>
    public WeightTable Table => Volatile.Read(ref _table);

    /// <summary>What was wrong with the content read last, by line.</summary>
    public IReadOnlyList<(int Line, string Message)> Problems { get; private set; } = [];

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        if (reload > TimeSpan.Zero)
        {
            _timer = services.Time.CreateTimer(static file => ((WeightFile)file!).Refresh(), this, reload, reload);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _timer?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Reads the file and takes its weights over, if they are another text than before and nothing is wrong with it.</summary>
    /// <returns>Why it could not be read, or null.</returns>
    public string? Read()
    {
        try
        {
            if (new FileInfo(path).Length > MaxLength)
            {
                return $"it is larger than {MaxLength} octets";
            }

            byte[] content = File.ReadAllBytes(path);
            if (content.AsSpan().SequenceEqual(_content))
            {
                return null;
            }

            List<(int, string)> problems = [];
            WeightTable table = WeightText.Parse(Encoding.UTF8.GetString(content), problems);
            _content = content;
            Problems = problems;
            if (problems.Count == 0)
            {
                Volatile.Write(ref _table, table);
                LoadbalanceLog.Read(_logger, path, table.Count);
            }

            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private void Refresh()
    {
        // A look that takes longer than the time between two is not overtaken.
        if (!_reading.TryEnter())
        {
            return;
        }

        try
        {
            IReadOnlyList<(int, string)> before = Problems;
            string? problem = Read();
            if (problem is not null && problem != _lastProblem)
            {
                LoadbalanceLog.Unreadable(_logger, path, problem);
            }

            _lastProblem = problem;
            if (!ReferenceEquals(before, Problems))
            {
                foreach ((int line, string message) in Problems)
                {
                    LoadbalanceLog.BadLine(_logger, path, line, message);
                }
            }
        }
        finally
        {
            _reading.Exit();
        }
    }
}
