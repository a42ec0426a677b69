using System.Buffers.Binary;
using MiniDns.Diagnostics;
using MiniDns.Plugins.Dnssec;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Protocol.Security;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Dnssec;

public sealed class SignatureCacheTests
{
    private static readonly DnsName Zone = DnsName.Parse("example.org.");

    private readonly TestTimeProvider _time = new();
    private readonly DnssecCounters _counters = new(new StripedCounter(), new StripedCounter());

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 7)]
    [InlineData(100, 96)]
    public void It_is_never_larger_than_its_capacity(int capacity, int places)
    {
        (RRsetSigner signer, SignatureCache cache) = Make(capacity);
        for (int i = 0; i < 4 * capacity + 200; i++)
        {
            signer.SignaturesOf(Address(i), _counters);
            Assert.True(cache.Count <= capacity);
        }

        Assert.Equal(places, cache.Count);
    }

    [Fact]
    public void What_is_asked_for_again_outlives_what_is_not()
    {
        (RRsetSigner signer, _) = Make(8);
        byte[][] often = signer.SignaturesOf(Address(0), _counters);
        for (int i = 1; i < 200; i++)
        {
            signer.SignaturesOf(Address(i), _counters);
            Assert.Same(often, signer.SignaturesOf(Address(0), _counters));
        }
    }

    [Fact]
    public void Hits_and_misses_are_counted()
    {
        (RRsetSigner signer, _) = Make();
        signer.SignaturesOf(Address(1), _counters);
        signer.SignaturesOf(Address(1), _counters);
        signer.SignaturesOf(Address(2), _counters);
        Assert.Equal((1, 2), (_counters.Hits.Value, _counters.Misses.Value));
    }

    [Fact]
    public void Signatures_are_made_anew_days_before_they_lapse_and_not_all_at_once()
    {
        (RRsetSigner signer, _) = Make();
        int count = 40;
        byte[][][] first = [.. Enumerable.Range(0, count).Select(i => signer.SignaturesOf(Address(i), _counters))];
        uint now = (uint)_time.GetUtcNow().ToUnixTimeSeconds();
        Assert.All(first, s => Assert.Equal((now + (8 * 86400), now - (3 * 3600)), Times(s)));
        HashSet<int> hours = [];
        for (int hour = 0; hour < 6 * 24; hour++)
        {
            for (int i = 0; i < count; i++)
            {
                if (!ReferenceEquals(signer.SignaturesOf(Address(i), _counters), first[i]))
                {
                    hours.Add(hour);
                }
            }

            _time.Advance(TimeSpan.FromHours(1));
        }

        Assert.True(hours.Count > 1 && hours.Min() >= (5 * 24) + 12, string.Join(' ', hours));
        Assert.All(Enumerable.Range(0, count), i => Assert.NotSame(first[i], signer.SignaturesOf(Address(i), _counters)));
    }

    [Fact]
    public void A_clock_that_is_set_back_makes_signatures_new()
    {
        (RRsetSigner signer, SignatureCache cache) = Make();
        byte[][] first = signer.SignaturesOf(Address(1), _counters);
        RRsetSigner earlier = new(cache.Options, cache, new TestTimeProvider());
        Assert.Same(first, earlier.SignaturesOf(Address(1), _counters));
        _time.Advance(TimeSpan.FromDays(30));
        byte[][] later = signer.SignaturesOf(Address(1), _counters);
        Assert.NotSame(first, later);
        Assert.NotSame(later, earlier.SignaturesOf(Address(1), _counters));
    }

    [Fact]
    public async Task Threads_that_want_the_same_signatures_have_them_made_once()
    {
        (RRsetSigner signer, _) = Make();
        for (int round = 0; round < 50; round++)
        {
            using Barrier start = new(4);
            int number = round;
            byte[][][] all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    CanonicalRRset records = Address(number);
                    start.SignalAndWait();
                    return signer.SignaturesOf(records, _counters);
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)));

            // ECDSA signatures of the same thing differ, and so do arrays.
            Assert.Single(all.Distinct(ReferenceEqualityComparer.Instance));
        }
    }

    private (RRsetSigner Signer, SignatureCache Cache) Make(int capacity = DnssecOptions.DefaultCapacity)
    {
        var options = new DnssecOptions { Zones = [Zone], Keys = [TestKeys.Make("example.org.")], Capacity = capacity };
        var cache = new SignatureCache(options);
        return (new RRsetSigner(options, cache, _time), cache);
    }

    private static (uint Expiration, uint Inception) Times(byte[][] signatures) =>
        (BinaryPrimitives.ReadUInt32BigEndian(signatures[0].AsSpan(8)), BinaryPrimitives.ReadUInt32BigEndian(signatures[0].AsSpan(12)));

    private static CanonicalRRset Address(int number)
    {
        Span<byte> address = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(address, number);
        var records = new CanonicalRRset();
        records.Begin(Zone.View, Zone.View, DnsRecordType.A, DnsRecordClass.IN, RRsetSigner.OriginalTtl);
        Assert.True(records.TryAdd(address));
        records.Complete();
        return records;
    }
}
