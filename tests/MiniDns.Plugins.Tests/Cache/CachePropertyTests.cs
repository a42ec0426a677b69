using FsCheck;
using FsCheck.Fluent;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Tests.Cache;

/// <summary>Any sequence of questions, answers and pauses gives what a dictionary with the rules of the README gives.</summary>
public class CachePropertyTests
{
    private static readonly Gen<Step> Steps =
        from name in Gen.Choose(0, 4)
        from dnssecOk in ArbMap.Default.GeneratorFor<bool>()
        from kind in Gen.Choose(0, 4)
        from ttl in Gen.Elements<uint>(0, 3, 7, 30, 500, 100_000)
        from pause in Gen.Frequency((6, Gen.Constant(0)), (3, Gen.Choose(1, 8)), (1, Gen.Choose(9, 700)))
        select new Step(name, dnssecOk, (AnswerKind)kind, ttl, pause);

    private enum AnswerKind
    {
        Address,
        NameError,
        NoData,
        Failure,
        Refusal,
    }

    [Fact]
    public void CacheEqualsItsModel() =>
        Prop.ForAll(Steps.ListOf().ToArbitrary(), Agrees).QuickCheckThrowOnFailure();

    private static bool Agrees(IList<Step> steps)
    {
        var bench = new CacheBench("cache 60 {\nsuccess 1024 90 4\ndenial 1024 40 6\n}");
        var model = new Dictionary<(int Name, bool DnssecOk), (AnswerKind Kind, int Answer, uint Lifetime, double StoredAt)>();
        double now = 0;
        int answers = 0;
        foreach (Step step in steps)
        {
            bench.Advance(step.Pause);
            now += step.Pause;
            answers++;
            bench.Source.Answer = q => Answer(q, step, answers);
            Reply reply = bench.Ask($"n{step.Name}.example.", dnssecOk: step.DnssecOk);
            bool isHit = model.TryGetValue((step.Name, step.DnssecOk), out (AnswerKind Kind, int Answer, uint Lifetime, double StoredAt) kept)
                && kept.StoredAt + kept.Lifetime > now;
            if (!isHit)
            {
                kept = (step.Kind, answers, LifetimeOf(step), now);
                if (step.Kind != AnswerKind.Refusal)
                {
                    model[(step.Name, step.DnssecOk)] = kept;
                }
            }

            DnsResponseCode code = kept.Kind switch
            {
                AnswerKind.NameError => DnsResponseCode.NameError,
                AnswerKind.Failure => DnsResponseCode.ServerFailure,
                AnswerKind.Refusal => DnsResponseCode.Refused,
                _ => DnsResponseCode.NoError,
            };
            bool hasRecords = kept.Kind is not (AnswerKind.Failure or AnswerKind.Refusal);
            bool agrees = reply.Code == code
                && reply.Ttls.Length == (hasRecords ? 1 : 0)
                && (!hasRecords || reply.Ttl == kept.Lifetime - (uint)(now - kept.StoredAt))
                && (kept.Kind != AnswerKind.Address || BitConverter.ToInt32(reply.Rdatas[0]) == kept.Answer);
            if (!agrees)
            {
                return false;
            }
        }

        return true;
    }

    private static uint LifetimeOf(Step step) => step.Kind switch
    {
        AnswerKind.Address => Math.Min(Math.Max(step.Ttl, 4), 90),
        AnswerKind.NameError or AnswerKind.NoData => Math.Min(Math.Max(step.Ttl, 6), 40),
        AnswerKind.Failure => 5,
        _ => 0,
    };

    private static DnsOutcome Answer(DnsQuery query, Step step, int number)
    {
        switch (step.Kind)
        {
            case AnswerKind.Address:
                query.Response.AddSynthesized(DnsSection.Answer, query.LowerName, DnsRecordType.A, DnsRecordClass.IN, step.Ttl, BitConverter.GetBytes(number));
                return number % 2 == 0 ? DnsOutcome.Replied : FakeSource.AsWire(query);
            case AnswerKind.NameError:
                return FakeSource.Deny(query, DnsResponseCode.NameError, step.Ttl, 100_000);
            case AnswerKind.NoData:
                return FakeSource.Deny(query, DnsResponseCode.NoError, 100_000, step.Ttl);
            case AnswerKind.Failure:
                return query.Fail(DnsResponseCode.ServerFailure, "no upstream");
            default:
                return query.Refuse();
        }
    }

    private sealed record Step(int Name, bool DnssecOk, AnswerKind Kind, uint Ttl, int Pause);
}
