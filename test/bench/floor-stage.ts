import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { FLOOR_BODY, stageOf, stageSubject } from './floor-stages.ts';

// One stage of the floor across processes: takes each message of its mailbox, stores the next one, acks.
const [url = '', stage = '', hops = ''] = process.argv.slice(2);
const nc = await connect({ servers: url });
const js = jetstream(nc);
const consumer = await js.consumers.get('FLOOR', stage);
await consumer.consume({
  max_messages: 500,
  callback: (message) => {
    const [, run = '', hop] = message.subject.split('.');
    const next = Number(hop) + 1;
    const published =
      Number(hop) < Number(hops)
        ? js.publish(stageSubject(run, next), FLOOR_BODY)
        : Promise.resolve(nc.publish(`done.${run}`));
    published.then(
      () => message.ack(),
      () => message.nak(),
    );
  },
});
process.stdout.write(`${stageOf(0)} ready\n`);
