using MiniDns.Configuration;

namespace MiniDns.Expressions;

/// <summary>A part of an expression.</summary>
/// <param name="type">What its value will be.</param>
internal abstract class ExpressionNode(ExpressionType type)
{
    /// <summary>What its value will be.</summary>
    public ExpressionType Type { get; } = type;

    /// <summary>Finds the value.</summary>
    /// <returns>False when something went wrong, which the context was told.</returns>
    public abstract bool TryEvaluate(ExpressionContext context, out ExpressionValue value);

    /// <summary>Evaluates a part whose value decides.</summary>
    protected static bool TryDecide(ExpressionNode node, ExpressionContext context, out bool isTrue)
    {
        bool isRight = node.TryEvaluate(context, out ExpressionValue value)
            && (value.Type == ExpressionType.Bool || context.Fail($"true or false is expected, not '{value}'"));
        isTrue = isRight && value.Bool;
        return isRight;
    }

    /// <summary>A value that is written in the expression.</summary>
    public sealed class Literal(ExpressionValue constant) : ExpressionNode(constant.Type)
    {
        /// <summary>The value.</summary>
        public ExpressionValue Constant => constant;

        /// <inheritdoc/>
        public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value)
        {
            value = constant;
            return true;
        }
    }

    /// <summary>A variable, or the element that a function over a list looks at.</summary>
    public sealed class Variable(int place, ExpressionType type) : ExpressionNode(type)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value)
        {
            value = context[place];
            return context.Step();
        }
    }

    /// <summary>A list that is written out.</summary>
    public sealed class Elements(ExpressionNode[] items) : ExpressionNode(ExpressionType.List)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value)
        {
            value = default;
            var values = new ExpressionValue[items.Length];
            for (int i = 0; i < items.Length; i++)
            {
                if (!items[i].TryEvaluate(context, out values[i]))
                {
                    return false;
                }
            }

            value = ExpressionValue.From(values);
            return context.Step();
        }
    }

    /// <summary>An operator with one or two operands.</summary>
    public sealed class Operation(string name, ExpressionType type, ExpressionNode left, ExpressionNode? right) : ExpressionNode(type)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value)
        {
            value = default;
            ExpressionValue second = default;
            return left.TryEvaluate(context, out ExpressionValue first)
                && (right is null || right.TryEvaluate(context, out second))
                && context.Step()
                && (right is null ? ExpressionOperators.TryApply(context, name, first, out value) : ExpressionOperators.TryApply(context, name, first, second, out value));
        }
    }

    /// <summary><c>and</c> and <c>or</c>, which look at their second operand only when the first does not decide.</summary>
    public sealed class Choice(bool stopsAt, ExpressionNode left, ExpressionNode right) : ExpressionNode(ExpressionType.Bool)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value)
        {
            value = default;
            if (!context.Step() || !TryDecide(left, context, out bool first))
            {
                return false;
            }

            bool result = first;
            if (first != stopsAt && !TryDecide(right, context, out result))
            {
                return false;
            }

            value = ExpressionValue.From(result);
            return true;
        }
    }

    /// <summary><c>condition ? a : b</c>.</summary>
    public sealed class Condition(ExpressionNode condition, ExpressionNode yes, ExpressionNode no)
        : ExpressionNode(yes.Type == no.Type ? yes.Type : ExpressionType.Any)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value)
        {
            value = default;
            return context.Step() && TryDecide(condition, context, out bool isTrue) && (isTrue ? yes : no).TryEvaluate(context, out value);
        }
    }

    /// <summary><c>a ?? b</c>: the second when the first is nothing.</summary>
    public sealed class Fallback(ExpressionNode first, ExpressionNode second) : ExpressionNode(first.Type == second.Type ? first.Type : ExpressionType.Any)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value) =>
            first.TryEvaluate(context, out value) && context.Step() && (value.Type != ExpressionType.Nil || second.TryEvaluate(context, out value));
    }

    /// <summary><c>let name = value; rest</c>.</summary>
    public sealed class Let(int place, ExpressionNode from, ExpressionNode rest) : ExpressionNode(rest.Type)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value)
        {
            if (!from.TryEvaluate(context, out value))
            {
                return false;
            }

            context[place] = value;
            return context.Step() && rest.TryEvaluate(context, out value);
        }
    }

    /// <summary><c>text matches "regular expression"</c>.</summary>
    public sealed class Matching(ExpressionNode text, GoRegex pattern) : ExpressionNode(ExpressionType.Bool)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value)
        {
            value = default;
            if (!text.TryEvaluate(context, out ExpressionValue subject) || !context.Step())
            {
                return false;
            }

            if (subject.Type != ExpressionType.String)
            {
                return context.Fail($"'matches' takes text, not '{subject}'");
            }

            value = ExpressionValue.From(pattern.Regex.IsMatch(subject.Text));
            return true;
        }
    }

    /// <summary>An element by its place, counted from the end when it is negative.</summary>
    public sealed class Element(ExpressionNode of, ExpressionNode place) : ExpressionNode(of.Type == ExpressionType.String ? ExpressionType.String : ExpressionType.Any)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value)
        {
            value = default;
            if (!of.TryEvaluate(context, out ExpressionValue all) || !place.TryEvaluate(context, out ExpressionValue at) || !context.Step())
            {
                return false;
            }

            int count = all.Type == ExpressionType.String ? all.Text.Length : all.Type == ExpressionType.List ? all.List.Count : -1;
            if (count < 0 || at.Type != ExpressionType.Int)
            {
                return context.Fail("a whole number in brackets is expected, behind a list or a text");
            }

            long index = at.Int < 0 ? at.Int + count : at.Int;
            if (index < 0 || index >= count)
            {
                return context.Fail($"there is no element {at.Int}; there are {count}");
            }

            value = all.Type == ExpressionType.String ? ExpressionValue.From(all.Text.Substring((int)index, 1)) : all.List[(int)index];
            return true;
        }
    }

    /// <summary>A part of a list or a text, from one place up to another.</summary>
    public sealed class Part(ExpressionNode of, ExpressionNode? from, ExpressionNode? to) : ExpressionNode(of.Type)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value)
        {
            value = default;
            ExpressionValue start = ExpressionValue.From(0L);
            ExpressionValue end = ExpressionValue.From(long.MaxValue);
            if (!of.TryEvaluate(context, out ExpressionValue all)
                || (from is not null && !from.TryEvaluate(context, out start))
                || (to is not null && !to.TryEvaluate(context, out end))
                || !context.Step())
            {
                return false;
            }

            int count = all.Type == ExpressionType.String ? all.Text.Length : all.Type == ExpressionType.List ? all.List.Count : -1;
            if (count < 0 || start.Type != ExpressionType.Int || end.Type != ExpressionType.Int)
            {
                return context.Fail("whole numbers in brackets are expected, behind a list or a text");
            }

            int first = (int)Math.Clamp(start.Int < 0 ? start.Int + count : start.Int, 0, count);
            int last = (int)Math.Clamp(end.Int < 0 ? end.Int + count : end.Int, first, count);
            value = all.Type == ExpressionType.String ? ExpressionValue.From(all.Text[first..last]) : ExpressionValue.From([.. all.List.Skip(first).Take(last - first)]);
            return true;
        }
    }

    /// <summary>A function and its arguments.</summary>
    public sealed class Call(ExpressionFunction function, ExpressionNode[] arguments) : ExpressionNode(function.Result)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value)
        {
            value = default;
            if (!context.Step())
            {
                return false;
            }

            ExpressionValue[] values = arguments.Length == 0 ? [] : new ExpressionValue[arguments.Length];
            for (int i = 0; i < values.Length; i++)
            {
                if (!arguments[i].TryEvaluate(context, out values[i]))
                {
                    return false;
                }

                ExpressionType wanted = function.Parameters[i];
                if (wanted == ExpressionType.Float && values[i].Type == ExpressionType.Int)
                {
                    continue;
                }

                if (wanted != ExpressionType.Any && values[i].Type != wanted)
                {
                    return context.Fail($"{function.Name}: '{values[i]}' is not of type {ExpressionOperators.NameOf(wanted)}");
                }
            }

            return function.Invoke(context, values, out value);
        }
    }

    /// <summary>A function over a list: <c>any</c>, <c>filter</c> and the like.</summary>
    public sealed class Over(string name, ExpressionNode list, ExpressionNode body, int place) : ExpressionNode(ResultOf(name))
    {
        /// <summary>The functions over lists.</summary>
        public static IReadOnlyCollection<string> Names { get; } = ["all", "any", "none", "one", "filter", "map", "count", "find"];

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
                return context.Fail($"{name}: a list is expected, not '{items}'");
            }

            List<ExpressionValue>? kept = name is "filter" or "map" ? [] : null;
            long count = 0;
            foreach (ExpressionValue item in items.List)
            {
                context[place] = item;
                if (!context.Step())
                {
                    return false;
                }

                if (name == "map")
                {
                    if (!body.TryEvaluate(context, out ExpressionValue mapped))
                    {
                        return false;
                    }

                    kept!.Add(mapped);
                    continue;
                }

                if (!TryDecide(body, context, out bool isTrue))
                {
                    return false;
                }

                count += isTrue ? 1 : 0;
                if (isTrue)
                {
                    kept?.Add(item);
                }

                if (isTrue && name == "find")
                {
                    value = item;
                    return true;
                }

                if ((isTrue && name is "any" or "none") || (!isTrue && name == "all"))
                {
                    break;
                }
            }

            value = name switch
            {
                "any" => ExpressionValue.From(count > 0),
                "none" => ExpressionValue.From(count == 0),
                "one" => ExpressionValue.From(count == 1),
                "all" => ExpressionValue.From(count == items.List.Count),
                "count" => ExpressionValue.From(count),
                "find" => default,
                _ => ExpressionValue.From(kept!),
            };
            return true;
        }

        private static ExpressionType ResultOf(string name) => name switch
        {
            "filter" or "map" => ExpressionType.List,
            "count" => ExpressionType.Int,
            "find" => ExpressionType.Any,
            _ => ExpressionType.Bool,
        };
    }
}
