using System.Text.Json;
using MiniDns.Server.Tests.Shape;
using MiniDns.Testing.Paths;

namespace MiniDns.Server.Tests.Pipeline;

/// <summary>Holds <c>tests/MiniDns.Benchmarks/allocations.json</c>: what a query may allocate on the paths that the benchmarks time.</summary>
public class AllocationBudgetTests
{
    private static readonly Dictionary<string, double> Budgets = Read();

    public static TheoryData<string> Paths => [.. QueryPath.Names];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task No_path_exceeds_its_budget(string name)
    {
        Assert.True(Budgets.TryGetValue(name, out double budget), $"'{name}' has no budget in allocations.json");
        await using QueryPath path = await QueryPath.CreateAsync(name);

        // Tiered compilation may allocate while it swaps code in: the best of some rounds is what the path itself needs.
        double least = double.MaxValue;
        for (int round = 0; round < 10 && least > budget; round++)
        {
            least = Math.Min(least, OctetsPerQuery(path));
        }

        Assert.True(least <= budget, $"'{name}' allocates {least} octets per query; its budget is {budget}");
    }

    [Fact]
    public void Every_budget_is_of_a_path() => Assert.Equal(QueryPath.Names.Order(StringComparer.Ordinal), Budgets.Keys.Order(StringComparer.Ordinal));

    /// <summary>Measures on a thread of its own, so that nothing else is counted.</summary>
    private static double OctetsPerQuery(QueryPath path)
    {
        const int Runs = 200;
        long allocated = 0;
        var thread = new Thread(() =>
        {
            for (int i = 0; i < Runs; i++)
            {
                path.Run();
            }

            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Runs; i++)
            {
                path.Run();
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        });
        thread.Start();
        thread.Join();
        return (double)allocated / (Runs * path.QueriesPerRun);
    }

    private static Dictionary<string, double> Read()
    {
        string text = File.ReadAllText(Path.Combine(SourceTree.Root, "tests", "MiniDns.Benchmarks", "allocations.json"));
        return JsonDocument.Parse(text).RootElement.EnumerateObject()
            .Where(p => p.Value.ValueKind == JsonValueKind.Number)
            .ToDictionary(p => p.Name, p => p.Value.GetDouble(), StringComparer.Ordinal);
    }
}
