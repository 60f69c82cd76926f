import type { OrderEvent } from '../../domain/order-event.ts';
import type { EventBus, Publication } from '../../ports/event-bus.ts';

/** Delivers within the process, in the order of publication. */
export function createMemoryEventBus(): EventBus {
  const byOrder = createTopics<OrderEvent>();
  const byAccount = createTopics<Publication>();
  return {
    publish(publication) {
      for (const event of publication.events) byOrder.tell(event.orderId, event);
      byAccount.tell(publication.accountId, publication);
    },
    subscribe: byOrder.listen,
    subscribeToAccount: byAccount.listen,
  };
}

/** Listeners by topic. A topic without listeners takes no memory. */
function createTopics<T>() {
  const topics = new Map<string, Set<(news: T) => void>>();
  return {
    tell(topic: string, news: T): void {
      for (const listener of topics.get(topic) ?? []) listener(news);
    },
    listen(topic: string, listener: (news: T) => void): () => void {
      // Each subscription is a separate object, so that a listener may subscribe twice and end one of the two.
      const subscription = (news: T) => listener(news);
      const ofTopic = topics.get(topic) ?? new Set();
      topics.set(topic, ofTopic.add(subscription));
      return () => {
        ofTopic.delete(subscription);
        if (ofTopic.size === 0 && topics.get(topic) === ofTopic) topics.delete(topic);
      };
    },
  };
}
