using System.Net;
using MiniDns.Client.Transfers;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Testing;

namespace MiniDns.Client.Tests.Transfers;

public sealed class TransferSessionTests : IAsyncLifetime
{
    private const string Zone = "example.org.";
    private const string First = "@ SOA ns hostmaster 1 3600 600 86400 300\n@ NS ns\nns A 192.0.2.53\nwww A 192.0.2.1\n";
    private const string Second = "@ SOA ns hostmaster 2 3600 600 86400 300\n@ NS ns\nns A 192.0.2.53\nwww A 192.0.2.2\n";

    private readonly FakePrimary _primary = new();
    private readonly CollectingSink _sink = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _primary.DisposeAsync();

    [Fact]
    public async Task One_connection_asks_for_the_version_and_transfers_it()
    {
        _primary.Publish(Zone, First);
        using TransferSession session = Session();
        SoaResult soa = await session.AskVersionAsync(CancellationToken.None);
        Assert.Null(soa.Failure);
        Assert.Equal(1u, soa.Version.Serial);
        TransferResult result = await session.TransferAsync(null, _sink, CancellationToken.None);
        Assert.Null(result.Failure);
        Assert.Equal(TransferKind.Full, result.Kind);
        Assert.Equal(4, result.Records);
        Assert.Equal(3, _sink.Data.Count);
        Assert.Equal(["example.org. SOA", "example.org. AXFR"], _primary.Questions);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(100)]
    public async Task Changes_come_in_one_message_or_many(int recordsPerMessage)
    {
        _primary.RecordsPerMessage = recordsPerMessage;
        _primary.Publish(Zone, First);
        _primary.Publish(Zone, Second);
        using TransferSession session = Session();
        TransferResult result = await session.TransferAsync(VersionOf(First), _sink, CancellationToken.None);
        Assert.Null(result.Failure);
        Assert.Equal(TransferKind.Incremental, result.Kind);
        Assert.Equal(["- www.example.org. A 300 C0000201", "+ www.example.org. A 300 C0000202"], _sink.Data);
        Assert.Equal(["example.org. IXFR 1"], _primary.Questions);
    }

    [Fact]
    public async Task A_primary_that_closes_after_each_answer_is_connected_to_again()
    {
        _primary.ClosesAfterAnswer = true;
        _primary.Publish(Zone, First);
        using TransferSession session = Session();
        Assert.Null((await session.AskVersionAsync(CancellationToken.None)).Failure);
        Assert.Null((await session.TransferAsync(null, _sink, CancellationToken.None)).Failure);
        Assert.Equal(3, _sink.Data.Count);
    }

    [Fact]
    public async Task Nobody_there_is_a_failure_and_no_exception()
    {
        await _primary.StopAsync();
        using TransferSession session = Session();
        SoaResult soa = await session.AskVersionAsync(CancellationToken.None);
        Assert.Equal(TransferError.Unreachable, soa.Failure?.Error);
    }

    [Fact]
    public async Task A_transfer_cut_short_is_a_failure()
    {
        _primary.Publish(Zone, First);
        _primary.ClosesAfterAnswer = true;
        _primary.Script = q => [TransferMessage.Of(q.Id, q.Question, PrimaryRecord.Parse(Zone, First))];
        using TransferSession session = Session();
        TransferResult result = await session.TransferAsync(null, _sink, CancellationToken.None);
        Assert.Equal(TransferError.Closed, result.Failure?.Error);
    }

    [Fact]
    public async Task A_primary_without_the_zone_says_so()
    {
        using TransferSession session = Session();
        SoaResult soa = await session.AskVersionAsync(CancellationToken.None);
        Assert.Equal(TransferError.Refused, soa.Failure?.Error);
        TransferResult result = await session.TransferAsync(null, _sink, CancellationToken.None);
        Assert.Equal(TransferError.Refused, result.Failure?.Error);
    }

    [Fact]
    public async Task An_answer_without_authority_is_not_believed()
    {
        _primary.Script = q =>
        {
            byte[] answer = TransferMessage.Of(q.Id, q.Question, [PrimaryRecord.Parse(Zone, First)[0]]);
            answer[2] &= 0xFB;
            return [answer];
        };
        using TransferSession session = Session();
        Assert.Equal(TransferError.NotAuthoritative, (await session.AskVersionAsync(CancellationToken.None)).Failure?.Error);
    }

    [Fact]
    public async Task A_silent_primary_is_given_up()
    {
        var gate = new TaskCompletionSource();
        _primary.Gate = gate.Task;
        var time = new TestTimeProvider();
        using TransferSession session = Session(time: time);
        Task<SoaResult> asking = session.AskVersionAsync(CancellationToken.None);
        await ExchangeTester.UntilAsync(() => _primary.Questions.Count == 1);
        await ExchangeTester.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(31));
            return asking.IsCompleted;
        });
        Assert.Equal(TransferError.TimedOut, (await asking).Failure?.Error);
        gate.SetResult();
    }

    [Fact]
    public async Task Calling_it_off_is_an_exception_as_usual()
    {
        var gate = new TaskCompletionSource();
        _primary.Gate = gate.Task;
        using TransferSession session = Session();
        using var off = new CancellationTokenSource();
        Task<SoaResult> asking = session.AskVersionAsync(off.Token);
        await ExchangeTester.UntilAsync(() => _primary.Questions.Count == 1);
        await off.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        gate.SetResult();
    }

    [Fact]
    public async Task A_signed_question_wants_signed_answers()
    {
        _primary.Publish(Zone, First);
        var key = new FakeKey();
        using TransferSession session = Session(key);
        _primary.RecordsPerMessage = 2;
        Assert.Null((await session.TransferAsync(null, _sink, CancellationToken.None)).Failure);
        Assert.Equal([false, false, true], key.Checked);

        key.Accepts = false;
        TransferResult result = await session.TransferAsync(null, new CollectingSink(), CancellationToken.None);
        Assert.Equal(TransferError.BadSignature, result.Failure?.Error);
        SoaResult soa = await session.AskVersionAsync(CancellationToken.None);
        Assert.Equal(TransferError.BadSignature, soa.Failure?.Error);
    }

    [Fact]
    public async Task Long_names_fit_into_a_request()
    {
        string zone = string.Concat(Enumerable.Repeat(new string('z', 63) + ".", 3)) + new string('z', 57) + ".";
        string text = $"{zone} SOA {new string('a', 3)}.{zone} b.{zone} 7 3600 600 86400 300\n{zone} NS ns.example.\n";
        _primary.Publish(zone, text);
        using var session = new TransferSession(new TransferPrimary(_primary.Address), DnsName.Parse(zone), new TransferOptions(), TimeProvider.System, UpstreamRandom.Secure);
        TransferResult result = await session.TransferAsync(new ZoneVersion(PrimaryRecord.Parse(zone, text)[0].RdataOctets), _sink, CancellationToken.None);
        Assert.Null(result.Failure);
        Assert.Equal(TransferKind.Current, result.Kind);
    }

    private static ZoneVersion VersionOf(string text) => new(PrimaryRecord.Parse(Zone, text)[0].RdataOctets);

    private TransferSession Session(ITransferKey? key = null, TimeProvider? time = null) =>
        new(new TransferPrimary(_primary.Address, key), DnsName.Parse(Zone), new TransferOptions(), time ?? TimeProvider.System, UpstreamRandom.Secure);

    private sealed class FakeKey : ITransferKey, ITransferSignature
    {
        public List<bool> Checked { get; } = [];

        public bool Accepts { get; set; } = true;

        public string Name => "key";

        public int MaxSize => 200;

        public ITransferSignature Start() => this;

        public int Sign(Span<byte> buffer, int length) => length;

        public bool TryVerify(ReadOnlySpan<byte> message, bool isLast, out string? problem)
        {
            Checked.Add(isLast);
            problem = null;
            return Accepts;
        }
    }
}
