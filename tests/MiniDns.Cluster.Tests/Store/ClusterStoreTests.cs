using System.Text;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Cluster.Objects;
using MiniDns.Cluster.Store;
using MiniDns.Testing;

namespace MiniDns.Cluster.Tests.Store;

public class ClusterStoreTests
{
    private static readonly ClusterWatch Services = new(ClusterResource.Service);
    private static readonly ClusterWatch Slices = new(ClusterResource.EndpointSlice);

    [Fact]
    public void A_store_says_after_any_changes_what_a_simple_one_would()
    {
        // (kind of change, slice 0..7, service 0..2, first address 0..9, number of addresses 0..5)
        Gen<(int, int, int, int, int)> step = Gen.Choose(0, 9).SelectMany(kind => Gen.Choose(0, 7).SelectMany(slice => Gen.Choose(0, 2).SelectMany(service =>
            Gen.Choose(0, 9).SelectMany(first => Gen.Choose(0, 5).Select(count => (kind, slice, service, first, count))))));
        Prop.ForAll(Arb.From(Gen.ListOf(step)), steps => Replay([.. steps])).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void What_a_list_does_not_show_is_gone_at_its_end_and_stays_until_then()
    {
        var store = new ClusterStore([Services], new TestTimeProvider());
        store.BeginList(Services);
        store.Put(Services, Service("a", "10.0.0.1"));
        store.Put(Services, Service("b", "10.0.0.2"));
        store.EndList(Services);
        ClusterService before = store.FindName(Labels("a"))!.Service!;
        long version = store.Version;

        store.BeginList(Services);
        store.Put(Services, Service("a", "10.0.0.1"));
        Assert.NotNull(store.FindName(Labels("b")));
        store.EndList(Services);
        Assert.Null(store.FindName(Labels("b")));
        Assert.Same(before, store.FindName(Labels("a"))!.Service);
        Assert.Equal(version + 1, store.Version);
        Assert.Equal(1, store.CountOf(ClusterResource.Service));
    }

    [Fact]
    public void A_list_of_one_namespace_leaves_the_others_alone()
    {
        ClusterWatch first = new(ClusterResource.Service, "ns");
        ClusterWatch second = new(ClusterResource.Service, "other");
        var store = new ClusterStore([first, second], new TestTimeProvider());
        store.BeginList(first);
        store.BeginList(second);
        store.Put(first, Service("a", "10.0.0.1"));
        store.Put(second, Service("stranger", "10.0.0.2"));
        store.EndList(first);
        Assert.False(store.IsSynchronised);
        store.EndList(second);
        Assert.True(store.IsSynchronised);
        Assert.NotNull(store.FindName(Labels("a")));
        Assert.Null(store.FindName(Labels("stranger")));
    }

    [Fact]
    public void A_snapshot_gives_way_to_lists()
    {
        var store = new ClusterStore([Services], new TestTimeProvider());
        store.PutStale(Service("a", "10.0.0.1"));
        store.PutStale(Service("b", "10.0.0.2"));
        store.PutStale(Slice("s", "a", 1, 2));
        Assert.True(store.IsStale);
        Assert.Equal(0, store.CountOf(ClusterResource.EndpointSlice));
        store.BeginList(Services);
        store.Put(Services, Service("a", "10.0.0.9"));
        Assert.True(store.IsStale);
        store.EndList(Services);
        Assert.False(store.IsStale);
        Assert.Null(store.FindName(Labels("b")));
        Assert.Equal("10.0.0.9", store.FindName(Labels("a"))!.Service!.ClusterIPs[0].ToString());
    }

    [Fact]
    public async Task Readers_find_what_stays_at_every_moment_while_a_writer_changes_all_else()
    {
        var store = new ClusterStore([Services, Slices], new TestTimeProvider());
        store.BeginList(Services);
        store.BeginList(Slices);
        store.Put(Services, Service("stays", "10.0.0.1"));
        store.Put(Slices, Slice("stays", "stays", 200, 1));
        using var ended = new CancellationTokenSource();
        Task[] readers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            while (!ended.IsCancellationRequested)
            {
                Assert.NotNull(store.FindName(Labels("stays"))?.Service);
                Assert.True(HasEndpoint(store, 200, "stays"));
            }
        }))];
        for (int round = 0; round < 300; round++)
        {
            for (int i = 0; i < 60; i++)
            {
                store.Put(Services, Service("s" + i, "10.0.1." + ((i + round) % 250)));
                store.Put(Slices, Slice("s" + i, "s" + (i % 7), i + (round % 5), 1 + (round % 3)));
            }

            // the slice itself changes, its address stays
            store.Put(Slices, Slice("stays", "stays", 200, 1 + (round % 2)));
            for (int i = round % 2; i < 60; i += 2)
            {
                store.Delete(Services, "ns"u8, Encoding.UTF8.GetBytes("s" + i));
                store.Delete(Slices, "ns"u8, Encoding.UTF8.GetBytes("s" + i));
            }
        }

        await ended.CancelAsync();
        await Task.WhenAll(readers);
    }

    private static bool Replay((int Kind, int Slice, int Service, int First, int Count)[] steps)
    {
        var store = new ClusterStore([Slices], new TestTimeProvider());
        Dictionary<int, (int Service, int First, int Count)> model = [];
        HashSet<int>? listed = null;
        store.BeginList(Slices);
        store.EndList(Slices);
        foreach ((int kind, int slice, int service, int first, int count) in steps)
        {
            switch (kind)
            {
                case 0:
                    store.BeginList(Slices);
                    listed = [];
                    break;
                case 1 when listed is not null:
                    store.EndList(Slices);
                    foreach (int gone in model.Keys.Where(k => !listed.Contains(k)).ToArray())
                    {
                        model.Remove(gone);
                    }

                    listed = null;
                    break;
                case 2:
                    store.Delete(Slices, "ns"u8, Encoding.UTF8.GetBytes("s" + slice));
                    model.Remove(slice);
                    break;
                default:
                    store.Put(Slices, Slice("s" + slice, "svc" + service, first, count));
                    model[slice] = (service, first, count);
                    listed?.Add(slice);
                    break;
            }
        }

        bool isSame = store.CountOf(ClusterResource.EndpointSlice) == model.Count;
        for (int service = 0; service < 3; service++)
        {
            int expected = model.Values.Count(m => m.Service == service);
            isSame &= (store.FindName(Labels("svc" + service))?.Slices.Length ?? 0) == expected;
        }

        for (int address = 0; address < 16; address++)
        {
            string[] expected = [.. model.Where(m => address >= m.Value.First && address < m.Value.First + m.Value.Count).Select(m => "s" + m.Key).Order(StringComparer.Ordinal)];
            isSame &= Holders(store, address).SequenceEqual(expected);
        }

        return isSame;
    }

    private static List<string> Holders(ClusterStore store, int last)
    {
        List<string> holders = [];
        foreach (ClusterEndpointSlice slice in store.ByEndpoint(ClusterAddress.FromOctets([10, 1, 0, (byte)last])))
        {
            for (int i = 0; i < slice.Count; i++)
            {
                if (slice.AddressAt(i)[3] == last)
                {
                    holders.Add(Encoding.UTF8.GetString(slice.Name));
                }
            }
        }

        holders.Sort(StringComparer.Ordinal);
        return [.. holders.Distinct()];
    }

    private static bool HasEndpoint(ClusterStore store, int last, string name) => Holders(store, last).Contains(name);

    private static byte[] Labels(string service) => [(byte)service.Length, .. Encoding.UTF8.GetBytes(service), 2, (byte)'n', (byte)'s'];

    private static ClusterObject Service(string name, string address)
    {
        ClusterObjectBuilder builder = Begin(ClusterResource.Service, name);
        builder.AddClusterIP(Encoding.UTF8.GetBytes(address));
        return Build(builder);
    }

    private static ClusterObject Slice(string name, string service, int first, int count)
    {
        ClusterObjectBuilder builder = Begin(ClusterResource.EndpointSlice, name);
        builder.AddLabel("kubernetes.io/service-name"u8, Encoding.UTF8.GetBytes(service));
        for (int i = 0; i < count; i++)
        {
            builder.BeginEndpoint();
            builder.AddEndpointAddress(Encoding.UTF8.GetBytes("10.1.0." + (first + i)));
            builder.EndEndpoint();
        }

        return Build(builder);
    }

    private static ClusterObjectBuilder Begin(ClusterResource resource, string name)
    {
        var builder = new ClusterObjectBuilder(ClusterFields.None);
        builder.Begin(resource);
        builder.SetNamespace("ns"u8);
        builder.SetName(Encoding.UTF8.GetBytes(name));
        return builder;
    }

    private static ClusterObject Build(ClusterObjectBuilder builder)
    {
        Assert.Equal(ClusterBuildOutcome.Built, builder.Build(out ClusterObject? item));
        return item!;
    }
}
