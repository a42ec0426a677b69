using System.Globalization;
using System.Text;
using MiniDns.Diagnostics;

namespace MiniDns.Core.Tests.Diagnostics;

public sealed class ConsoleLineWriterTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public void Every_line_is_written_whole_and_in_its_threads_order()
    {
        using GateStream stream = new();
        using (ConsoleLineWriter writer = new(() => stream))
        {
            stream.Open();
            Thread[] threads = [.. Enumerable.Range(0, 6).Select(t => new Thread(() => WriteMany(writer, t)))];
            Array.ForEach(threads, t => t.Start());
            Array.ForEach(threads, t => t.Join());
            Assert.Equal(0, writer.Dropped);
        }

        string[][] lines = [.. stream.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' '))];
        Assert.Equal(6 * 1000, lines.Length);
        foreach (IGrouping<string, string[]> thread in lines.GroupBy(l => l[0]))
        {
            Assert.Equal(Enumerable.Range(0, 1000), thread.Select(l => int.Parse(l[1], CultureInfo.InvariantCulture)));
        }
    }

    [Fact]
    public void A_line_is_written_without_waiting_for_the_next()
    {
        using GateStream stream = new();
        stream.Open();
        using ConsoleLineWriter writer = new(() => stream);
        for (int i = 0; i < 3; i++)
        {
            string line = $"line {i}";
            Assert.True(writer.TryWrite(Encoding.UTF8.GetBytes(line)));
            Assert.True(SpinWait.SpinUntil(() => stream.Text.EndsWith(line + "\n", StringComparison.Ordinal), Deadline));
        }
    }

    [Fact]
    public void A_stream_that_takes_nothing_costs_lines_not_time()
    {
        using GateStream stream = new();
        long dropped;
        int kept = 0;
        using (ConsoleLineWriter writer = new(() => stream))
        {
            byte[] line = Encoding.UTF8.GetBytes(new string('x', 999));
            for (int i = 0; i < 2000; i++)
            {
                kept += writer.TryWrite(line) ? 1 : 0;
            }

            dropped = writer.Dropped;
            Assert.InRange(dropped, 1, 1999);
            Assert.Equal(2000, kept + dropped);
            stream.Open();
        }

        string[] lines = stream.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(kept, lines.Count(l => l[0] == 'x'));
        Assert.Equal([$"[WARNING] {dropped} lines of output were dropped: standard output is too slow"], lines.Where(l => l[0] != 'x'));
    }

    [Fact]
    public void A_line_longer_than_a_lane_is_dropped()
    {
        using ConsoleLineWriter writer = new(() => Stream.Null);
        Assert.False(writer.TryWrite(new byte[ConsoleLineWriter.LaneCapacity]));
        Assert.Equal(1, writer.Dropped);
    }

    [Fact]
    public void Lines_after_the_end_are_dropped()
    {
        ConsoleLineWriter writer = new(() => Stream.Null);
        writer.Dispose();
        Assert.False(writer.TryWrite("late"u8));
        writer.Dispose();
    }

    [Fact]
    public void A_reader_that_goes_away_is_no_reason_to_stop()
    {
        using ConsoleLineWriter writer = new(() => new BrokenStream());
        for (int i = 0; i < 100_000; i++)
        {
            writer.TryWrite("nobody reads this"u8);
        }

        writer.Dispose();
    }

    [Fact]
    public void A_line_allocates_nothing()
    {
        using ConsoleLineWriter writer = new(() => Stream.Null);
        long least = long.MaxValue;
        for (int round = 0; round < 20 && least > 0; round++)
        {
            // The lanes' buffers grow in the first rounds.
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 200; i++)
            {
                writer.TryWrite("127.0.0.1:40000 - 1 \"A IN example.org. udp 40 false 1232\" NOERROR qr,aa 56 0.000012s"u8);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    private static void WriteMany(ConsoleLineWriter writer, int thread)
    {
        for (int i = 0; i < 1000; i++)
        {
            writer.TryWrite(Encoding.UTF8.GetBytes($"{thread} {i}"));
        }
    }

    /// <summary>Keeps what is written, but only once it is opened; until then a write waits.</summary>
    private sealed class GateStream : MemoryStream
    {
        private readonly ManualResetEventSlim _gate = new();

        public string Text
        {
            get
            {
                lock (_gate)
                {
                    return Encoding.UTF8.GetString(ToArray());
                }
            }
        }

        public void Open() => _gate.Set();

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _gate.Wait();
            lock (_gate)
            {
                base.Write(buffer);
            }
        }

        protected override void Dispose(bool disposing)
        {
            _gate.Dispose();
            base.Dispose(disposing);
        }
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("Broken pipe");
    }
}
