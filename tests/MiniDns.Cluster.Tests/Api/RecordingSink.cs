using System.Text;
using MiniDns.Cluster.Objects;

namespace MiniDns.Cluster.Tests.Api;

/// <summary>Keeps what a source tells, by the rules of <see cref="IClusterSink"/>, and what it told.</summary>
internal sealed class RecordingSink : IClusterSink
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(ClusterWatch Watch, string Namespace, string Name), (ClusterObject Item, int Round)> _objects = [];
    private readonly Dictionary<ClusterWatch, int> _rounds = [];
    private readonly Dictionary<ClusterWatch, int> _completed = [];

    /// <summary>How many objects came, lists and changes together.</summary>
    public int Puts { get; private set; }

    /// <summary>How many objects there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _objects.Count;
            }
        }
    }

    /// <summary>Lists that were completed, of all watches.</summary>
    public int Completed
    {
        get
        {
            lock (_lock)
            {
                return _completed.Values.Sum();
            }
        }
    }

    public void BeginList(ClusterWatch watch)
    {
        lock (_lock)
        {
            _rounds[watch] = _rounds.GetValueOrDefault(watch) + 1;
        }
    }

    public void Put(ClusterWatch watch, ClusterObject item)
    {
        lock (_lock)
        {
            Puts++;
            Assert.Equal(watch.Resource, item.Resource);
            _objects[(watch, Text(item.Namespace), Text(item.Name))] = (item, _rounds.GetValueOrDefault(watch));
        }
    }

    public void Delete(ClusterWatch watch, ReadOnlySpan<byte> namespaceName, ReadOnlySpan<byte> name)
    {
        lock (_lock)
        {
            _objects.Remove((watch, Text(namespaceName), Text(name)));
        }
    }

    public void EndList(ClusterWatch watch)
    {
        lock (_lock)
        {
            int round = _rounds[watch];
            foreach ((ClusterWatch, string, string) key in _objects.Where(o => o.Key.Watch == watch && o.Value.Round != round).Select(o => o.Key).ToArray())
            {
                _objects.Remove(key);
            }

            _completed[watch] = _completed.GetValueOrDefault(watch) + 1;
        }
    }

    /// <summary>How many lists of a watch were completed.</summary>
    public int ListsOf(ClusterWatch watch)
    {
        lock (_lock)
        {
            return _completed.GetValueOrDefault(watch);
        }
    }

    /// <summary>An object; null when there is none.</summary>
    public T? Find<T>(string ns, string name)
        where T : ClusterObject
    {
        lock (_lock)
        {
            return _objects.Where(o => o.Key.Namespace == ns && o.Key.Name == name).Select(o => o.Value.Item).OfType<T>().FirstOrDefault();
        }
    }

    /// <summary>All objects as <c>Resource namespace/name: what they say</c>, in order.</summary>
    public IReadOnlyList<string> Lines()
    {
        lock (_lock)
        {
            return [.. _objects.Values.Select(o => Describe(o.Item)).Order(StringComparer.Ordinal)];
        }
    }

    public static string Text(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text);

    private static string Describe(ClusterObject item) => item + ": " + item switch
    {
        ClusterService s => string.Join(' ', s.ClusterIPs.ToArray()),
        ClusterEndpointSlice e => string.Join(' ', Enumerable.Range(0, e.Count).Select(i => ClusterAddress.FromOctets(e.AddressAt(i)))),
        ClusterPod p => string.Join(' ', p.Addresses.ToArray()),
        _ => "",
    };
}
