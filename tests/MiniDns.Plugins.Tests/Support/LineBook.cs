using System.Text;
using MiniDns.Diagnostics;

namespace MiniDns.Plugins.Tests.Support;

/// <summary>Keeps lines in memory, up to a limit.</summary>
internal sealed class LineBook : ILineWriter
{
    private readonly byte[] _last = new byte[64 * 1024];
    private readonly List<string> _all = [];
    private int _length;

    public bool IsFull { get; set; }

    /// <summary>True to keep every line; otherwise only the last one, which allocates nothing.</summary>
    public bool KeepsAll { get; set; } = true;

    public IReadOnlyList<string> All => _all;

    public string Last => Encoding.UTF8.GetString(_last.AsSpan(0, _length));

    public bool TryWrite(ReadOnlySpan<byte> line)
    {
        if (IsFull)
        {
            return false;
        }

        line.CopyTo(_last);
        _length = line.Length;
        if (KeepsAll)
        {
            _all.Add(Encoding.UTF8.GetString(line));
        }

        return true;
    }
}
