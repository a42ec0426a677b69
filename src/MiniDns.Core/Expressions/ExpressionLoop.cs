namespace MiniDns.Expressions;

/// <summary>A function over a list: <c>any</c>, <c>filter</c> and the like.</summary>
/// <param name="kind">Which.</param>
/// <param name="list">The list.</param>
/// <param name="body">What is asked of each element, or made of it.</param>
/// <param name="place">Where the element stands among the variables.</param>
internal sealed class ExpressionLoop(ExpressionLoop.Kind kind, ExpressionNode list, ExpressionNode body, int place) : ExpressionNode(ResultOf(kind))
{
    /// <summary>The functions over lists.</summary>
    public enum Kind
    {
        /// <summary>True when the condition is true of all.</summary>
        All,

        /// <summary>True when it is true of at least one.</summary>
        Any,

        /// <summary>True when it is true of none.</summary>
        None,

        /// <summary>True when it is true of exactly one.</summary>
        One,

        /// <summary>The elements that it is true of.</summary>
        Filter,

        /// <summary>What the body makes of each element.</summary>
        Map,

        /// <summary>How many it is true of.</summary>
        Count,

        /// <summary>The first that it is true of; nothing when there is none.</summary>
        Find,
    }

    /// <summary>The functions by name.</summary>
    public static IReadOnlyDictionary<string, Kind> Names { get; } = Enum.GetValues<Kind>().ToDictionary(k => k.ToString().ToLowerInvariant(), StringComparer.Ordinal);

    /// <inheritdoc/>
    public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value)
    {
        value = default;
        if (!list.TryEvaluate(context, out ExpressionValue items))
        {
            return false;
        }

        if (items.Type != ExpressionType.List)
        {
            return context.Fail($"a list is expected, not '{items}'");
        }

        Span<ExpressionValue> made = default;
        if (kind is Kind.Filter or Kind.Map && !context.TryTakeList(items.Count, out made, out value))
        {
            return false;
        }

        int count = 0;
        for (int i = 0; i < items.Count; i++)
        {
            ExpressionValue item = items.At(i);
            context[place] = item;
            if (!context.Step())
            {
                return false;
            }

            if (kind == Kind.Map)
            {
                if (!body.TryEvaluate(context, out made[i]))
                {
                    return false;
                }

                continue;
            }

            if (!TryDecide(body, context, out bool isTrue))
            {
                return false;
            }

            if (isTrue && kind == Kind.Find)
            {
                value = item;
                return true;
            }

            if (isTrue && kind == Kind.Filter)
            {
                made[count] = item;
            }

            count += isTrue ? 1 : 0;
            if ((isTrue && kind is Kind.Any or Kind.None) || (!isTrue && kind == Kind.All))
            {
                break;
            }
        }

        value = kind switch
        {
            Kind.Any => ExpressionValue.From(count > 0),
            Kind.None => ExpressionValue.From(count == 0),
            Kind.One => ExpressionValue.From(count == 1),
            Kind.All => ExpressionValue.From(count == items.Count),
            Kind.Count => ExpressionValue.From((long)count),
            Kind.Filter => value.Part(0, count),
            _ => value,
        };
        return true;
    }

    private static ExpressionType ResultOf(Kind kind) => kind switch
    {
        Kind.Filter or Kind.Map => ExpressionType.List,
        Kind.Count => ExpressionType.Int,
        Kind.Find => ExpressionType.Any,
        _ => ExpressionType.Bool,
    };
}
